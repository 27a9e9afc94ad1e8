// Sizes, windows and sums of one convolution, in plain numbers. A setting is
// {kernel_size, stride, padding, dilation}; an array is {shape: [channels, rows, cols], data}.

export function kernelExtent({ kernel_size, dilation }) {
  return dilation * (kernel_size - 1) + 1;
}

// Steps the window can take before rounding down: (w + 2p − d(k−1) − 1) / s.
export function exactSteps(width, setting) {
  return (width + 2 * setting.padding - kernelExtent(setting)) / setting.stride;
}

// Outputs along one axis, or null when the kernel is wider than the padded input.
export function outputSize(width, setting) {
  const steps = exactSteps(width, setting);
  return steps < 0 ? null : Math.floor(steps) + 1;
}

// Input positions that output `index` reads, first tap first; outside 0 … width−1 is padding.
export function taps(index, { kernel_size, stride, padding, dilation }) {
  return Array.from({ length: kernel_size }, (_, u) => index * stride + u * dilation - padding);
}

// Input positions that none of the first `windows` windows reads, rising.
export function uncovered(width, setting, windows) {
  const read = new Set();
  for (let i = 0; i < windows; i += 1) taps(i, setting).forEach((position) => read.add(position));
  return Array.from({ length: width }, (_, i) => i).filter((i) => !read.has(i));
}

// How many positions two neighboring windows share along one axis.
export function overlap(setting) {
  const next = new Set(taps(1, setting));
  return taps(0, setting).filter((position) => next.has(position)).length;
}

export function valueAt({ shape, data }, channel, row, col) {
  return data[(channel * shape[1] + row) * shape[2] + col];
}

// What one tap reads: the input's value, 0 in the padding, NaN past the padding.
export function tapValue(image, padding, channel, row, col) {
  const [, height, width] = image.shape;
  if (row >= 0 && row < height && col >= 0 && col < width) return valueAt(image, channel, row, col);
  const inRing = row >= -padding && row < height + padding && col >= -padding && col < width + padding;
  return inRing ? 0 : NaN;
}

// The taps of one channel's window, row by row: {row, col, value, weight}.
export function windowTaps(image, weights, setting, channel, [outRow, outCol]) {
  const rows = taps(outRow, setting);
  const cols = taps(outCol, setting);
  return rows.flatMap((row, u) => cols.map((col, v) => ({
    row,
    col,
    value: tapValue(image, setting.padding, channel, row, col),
    weight: valueAt(weights, channel, u, v),
  })));
}

// One sum of products a channel; their total plus the bias is the output.
export function partialSums(image, weights, setting, place) {
  const [rows, cols] = place.map((at) => taps(at, setting));
  const channelSum = (channel) => {
    let sum = 0;
    rows.forEach((row, u) => cols.forEach((col, v) => {
      sum += tapValue(image, setting.padding, channel, row, col) * valueAt(weights, channel, u, v);
    }));
    return sum;
  };
  return Array.from({ length: image.shape[0] }, (_, channel) => channelSum(channel));
}

// The whole output, row by row; NaN where a window reaches past the padded input.
export function convolve(image, weights, bias, setting, [rows, cols]) {
  const data = new Float64Array(rows * cols);
  for (let i = 0; i < rows * cols; i += 1) {
    const place = [Math.floor(i / cols), i % cols];
    data[i] = partialSums(image, weights, setting, place).reduce((a, b) => a + b, bias);
  }
  return { shape: [1, rows, cols], data };
}

// A kernel of any size that shows something: left-to-right edges in the first channel,
// top-to-bottom edges in the second, center against surround in the third, and so on again.
export function generatedWeights(channels, size) {
  const middle = (size - 1) / 2;
  const kinds = [
    (u, v) => Math.sign(v - middle),
    (u) => Math.sign(u - middle),
    (u, v) => (Math.max(Math.abs(u - middle), Math.abs(v - middle)) < 1 ? 1 : 0),
  ];
  const data = [];
  for (let c = 0; c < channels; c += 1)
    for (let i = 0; i < size * size; i += 1) data.push(kinds[c % 3](Math.floor(i / size), i % size));
  return { shape: [channels, size, size], data: Float64Array.from(data) };
}

// ---- a typed size and what it may come from ----

const SLIPS = [
  [(w, s) => Math.floor(exactSteps(w, s)), "the number of steps: the first window counts too, add 1"],
  [(w, s) => outputSize(w, { ...s, padding: 0 }), "the size without the padding"],
  [(w, s) => outputSize(w, { ...s, padding: s.padding / 2 }), "the size with padding on one side only: count it twice"],
  [(w, s) => outputSize(w, { ...s, stride: 1 }), "the size at stride 1"],
  [(w, s) => outputSize(w, { ...s, dilation: 1 }), "the size without the dilation"],
  [(w, s) => Math.ceil(exactSteps(w, s)) + 1, "the size rounded up: a step that does not fit whole is not taken"],
  [(w, s) => Math.floor((w + 2 * s.padding - s.kernel_size * s.dilation) / s.stride) + 1,
    "the size with the kernel spanning d·k pixels: it spans d·(k − 1) + 1"],
  [(w) => w, "the input's own size"],
  [(w, s) => Math.floor(w / s.stride), "the input's size divided by the stride"],
];

// What a wrong size would be right for, in words; null when none of the known slips gives it.
export function slipBehind(answer, width, setting) {
  const slip = SLIPS.find(([size]) => size(width, setting) === answer);
  return slip ? slip[1] : null;
}

// The answer to a prediction: "Right …" or one pointed sentence; always true as it stands.
export function judged(answer, width, setting) {
  const truth = outputSize(width, setting);
  if (answer === truth) return `Right: ${truth}.`;
  if (!Number.isInteger(answer)) return `Not ${answer}: windows come whole. It is ${truth}.`;
  const slip = slipBehind(answer, width, setting);
  if (slip) return `Not ${answer}: that is ${slip}. It is ${truth}.`;
  if (answer < truth) return `Not ${answer}: after ${answer} window${answer === 1 ? "" : "s"} there is still room for another. It is ${truth}.`;
  const end = (answer - 1) * setting.stride + kernelExtent(setting);
  return `Not ${answer}: window ${answer} would end at pixel ${end} of ${width + 2 * setting.padding}. It is ${truth}.`;
}
