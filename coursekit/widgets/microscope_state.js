// What the pixel microscope shows, without a page: arithmetic in 8 bits, bits, places in memory,
// and the sentence. microscope_state.py says the same in the kernel. An image is {shape:
// [rows, cols, channels], data: bytes, counts: how often each of the 256 levels occurs}.

const SPAN = 7;

export function bytesImage(parcel) {
  const bytes = parcel.data;
  const data = new Uint8Array(bytes.buffer ?? bytes, bytes.byteOffset ?? 0, bytes.byteLength);
  const counts = new Array(256).fill(0);
  for (let i = 0; i < data.length; i += 1) counts[data[i]] += 1;
  return { shape: parcel.shape, data, counts };
}

// One level plus the brightness: a byte that wraps or stops, or a float in units of 255.
export function added(level, { brightness, dtype, overflow }) {
  const total = level + brightness;
  if (dtype === "float32") return total / 255;
  return overflow === "wrap" ? total & 255 : Math.min(Math.max(total, 0), 255);
}

export function overflows(level, brightness) {
  return level + brightness < 0 || level + brightness > 255;
}

// How many numbers of the picture leave 0 … 255.
export function overflowCount({ counts }, brightness) {
  return counts.reduce((sum, count, level) => sum + (overflows(level, brightness) ? count : 0), 0);
}

// What the number of one level is in the picture: itself, or one of its bits.
export function shownNumber(level, state) {
  const value = added(level, state);
  return shownBit(state) === null ? value : (value >> state.bit) & 1;
}

// The bit that is shown alone, or null; floats have other bits.
export function shownBit({ bit, dtype }) {
  return dtype === "float32" ? null : bit;
}

// How bright the screen makes one level, 0 … 255.
export function screenLevel(level, state) {
  const value = shownNumber(level, state);
  if (shownBit(state) !== null) return value * 255;
  return state.dtype === "float32" ? Math.min(Math.max(Math.round(value * 255), 0), 255) : value;
}

export function levelsAt({ shape, data }, [row, col]) {
  const start = (row * shape[1] + col) * shape[2];
  return [...data.subarray(start, start + shape[2])];
}

export function flatPosition([row, col], channel, [rows, cols, channels], order) {
  return order === "HWC" ? (row * cols + col) * channels + channel : (channel * rows + row) * cols + col;
}

// The inverse: {place: [row, col], channel}.
export function placeOf(position, [rows, cols, channels], order) {
  const [inner, outer] = order === "HWC" ? [channels, cols] : [cols, rows];
  const last = position % inner;
  const middle = Math.floor(position / inner) % outer;
  const first = Math.floor(position / (inner * outer));
  return order === "HWC" ? { place: [first, middle], channel: last } : { place: [middle, last], channel: first };
}

// First row, first column, rows and columns of what is magnified; it stays in the image.
export function neighborhood(place, shape) {
  const sizes = [0, 1].map((axis) => Math.min(SPAN, shape[axis]));
  const start = (axis) => Math.min(Math.max(place[axis] - Math.floor(SPAN / 2), 0), shape[axis] - sizes[axis]);
  return { top: start(0), left: start(1), rows: sizes[0], cols: sizes[1] };
}

export function channelNames(channels) {
  return channels === 3 ? ["red", "green", "blue"] : ["gray"];
}

// A number as it is written: whole, or a float with three decimals.
export function levelText(value, dtype) {
  return (dtype === "float32" ? value.toFixed(3) : `${value}`).replace("-", "−");
}

export function indexText([row, col], channel, order) {
  return order === "HWC" ? `image[${row}, ${col}, ${channel}]` : `image[${channel}, ${row}, ${col}]`;
}

export function sentence(state) {
  return [pixelText(state), sumText(state), bitText(state), memoryText(state)].filter(Boolean).join(" ");
}

function named(values, dtype) {
  const names = channelNames(values.length);
  return values.map((value, c) => `${names[c]} ${levelText(value, dtype)}`).join(", ");
}

function pixelText(state) {
  const [rows, cols] = state.image.shape;
  const before = levelsAt(state.image, state.position).map((level) => added(level, { ...state, brightness: 0 }));
  return `Row ${state.position[0]}, column ${state.position[1]} of ${rows} by ${cols}: ${named(before, state.dtype)}.`;
}

// What becomes of numbers beyond the range, in words.
export function outsideText({ dtype, overflow }) {
  if (dtype === "float32") return "leave the range 0 to 1 and are kept";
  return overflow === "wrap" ? "wrap around" : "stop at 0 or 255";
}

function sumText(state) {
  const { image, brightness, dtype } = state;
  if (brightness === 0) return "";
  const much = levelText(dtype === "float32" ? brightness / 255 : brightness, dtype);
  const values = levelsAt(image, state.position).map((level) => added(level, state));
  return `Adding ${much} gives ${named(values, dtype)}; in the whole picture ${overflowCount(image, brightness)} of `
    + `${image.data.length} numbers ${outsideText(state)}.`;
}

function bitText(state) {
  const bit = shownBit(state);
  if (bit === null) return "";
  const bits = levelsAt(state.image, state.position).map((level) => shownNumber(level, state));
  return `Bit ${bit}, worth ${2 ** bit}: ${named(bits, "uint8")}.`;
}

function memoryText({ image, position, order }) {
  return `Stored as ${order}, ${indexText(position, 0, order)} is number `
    + `${flatPosition(position, 0, image.shape, order)} of the ${image.data.length} in memory, counted from 0.`;
}
