// A small network computed in plain loops: each layer's numbers, and one neuron's chunk and weights.
// Arrays are flat, (C, H, W) or (n,); network_layers.py and network_state.py compute the same.

import { decode } from "./kit.js";

const readBefore = new WeakMap();

// Layers with their weights as numbers; read once.
export function layersOf(network) {
  if (!readBefore.has(network)) readBefore.set(network, network.layers.map(readLayer));
  return readBefore.get(network);
}

function readLayer(layer) {
  const size = layer.shape.reduce((product, n) => product * n, 1);
  if (!layer.weight) return { ...layer, size };
  return { ...layer, size, weight: decode(layer.weight).data, taken: layer.weight.shape, bias: decode(layer.bias).data };
}

// What every layer gives, the image itself first.
export function forward(layers, image) {
  const outputs = [image];
  layers.slice(1).forEach((layer, i) => outputs.push(COMPUTE[layer.kind](layer, outputs[i], layers[i].shape)));
  return outputs;
}

const COMPUTE = {
  conv: convolved,
  linear,
  relu: (layer, x) => x.map((value) => Math.max(value, 0)),
  maxpool: (layer, x, shape) => pooled(layer, x, shape, largest),
  avgpool: (layer, x, shape) => pooled(layer, x, shape, mean),
  adaptive: (layer, x, shape) => pooled(layer, x, shape, mean),
  flatten: (layer, x) => x,
  softmax,
};

function convolved(layer, x, shape) {
  const out = new Float64Array(layer.size);
  const [, channels, kh, kw] = layer.taken;
  const map = layer.size / layer.shape[0];
  for (let f = 0; f < layer.shape[0]; f += 1) {
    const one = out.subarray(f * map, (f + 1) * map).fill(layer.bias[f]);
    for (let tap = 0; tap < channels * kh * kw; tap += 1) {
      const at = [firstChannel(layer, f) + Math.floor(tap / (kh * kw)), Math.floor(tap / kw) % kh, tap % kw];
      addTap(layer, one, x, shape, at, layer.weight[f * channels * kh * kw + tap]);
    }
  }
  return out;
}

// One weight's share of a whole map.
function addTap(layer, out, x, [, rows, cols], [channel, u, v], weight) {
  const [, outRows, outCols] = layer.shape;
  const [down, right] = [u, v].map((tap, axis) => tap * layer.dilation[axis] - layer.padding[axis]);
  const step = layer.stride[1];
  const from = Math.max(0, Math.ceil(-right / step));
  const to = Math.min(outCols - 1, Math.floor((cols - 1 - right) / step));
  for (let i = 0; i < outRows; i += 1) {
    const row = i * layer.stride[0] + down;
    if (row < 0 || row >= rows) continue;
    const start = (channel * rows + row) * cols + right;
    for (let j = from; j <= to; j += 1) out[i * outCols + j] += weight * x[start + j * step];
  }
}

function firstChannel(layer, unit) {
  return Math.floor(unit / (layer.shape[0] / layer.groups)) * layer.taken[1];
}

function linear(layer, x) {
  return Float64Array.from(layer.bias, (bias, unit) => {
    let sum = bias;
    for (let i = 0; i < x.length; i += 1) sum += layer.weight[unit * x.length + i] * x[i];
    return sum;
  });
}

function softmax(layer, x) {
  const top = Math.max(...x);
  const powers = x.map((score) => Math.exp(score - top));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

function pooled(layer, x, shape, reduce) {
  const [, rows, cols] = layer.shape;
  return Float64Array.from({ length: layer.size }, (_, i) => {
    const unit = Math.floor(i / (rows * cols));
    const place = [Math.floor(i / cols) % rows, i % cols];
    return reduce(windowOf(layer, x, shape, unit, place, layer.kind === "maxpool" ? -Infinity : 0).values);
  });
}

function largest(values) {
  return values.reduce((most, value) => (value > most ? value : most), -Infinity);
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

// Rows and columns of the input that a neuron looks at; some may lie outside.
export function spans(layer, [rows, cols], place) {
  if (layer.kind === "adaptive") {
    return [rows, cols].map((size, axis) => {
      const [at, out] = [place[axis], layer.shape[axis + 1]];
      const start = Math.floor((at * size) / out);
      return counted(Math.ceil(((at + 1) * size) / out) - start, (i) => start + i);
    });
  }
  return place.map((at, axis) => {
    const start = at * layer.stride[axis] - layer.padding[axis];
    return counted(layer.kernel[axis], (i) => start + i * layer.dilation[axis]);
  });
}

function counted(length, make) {
  return Array.from({ length }, (_, i) => make(i));
}

// One channel's numbers in a neuron's window: {rows, cols, values, inside}.
export function windowOf(layer, x, [, height, width], channel, place, outside = 0) {
  const [rows, cols] = spans(layer, [height, width], place);
  const [values, inside] = [[], []];
  for (const row of rows) {
    for (const col of cols) {
      const within = row >= 0 && row < height && col >= 0 && col < width;
      inside.push(within);
      values.push(within ? x[(channel * height + row) * width + col] : outside);
    }
  }
  return { rows, cols, values, inside };
}

// ---- one neuron of a convolutional or linear layer ----

// {count, sizes: [rows, columns], chunk(c), weights(c), inside(c), parts, bias}.
export function neuronSum(layer, x, shape, unit, place) {
  const found = layer.kind === "conv" ? convSum(layer, x, shape, unit, place) : linearSum(layer, x, unit);
  const channels = counted(found.count, (c) => [found.chunk(c), found.weights(c)]);
  const parts = channels.map(([chunk, weights]) => chunk.reduce((sum, value, i) => sum + value * weights[i], 0));
  return { ...found, parts, bias: layer.bias[unit] };
}

function convSum(layer, x, shape, unit, place) {
  const [, count, kh, kw] = layer.taken;
  const first = firstChannel(layer, unit);
  const seen = (c) => windowOf(layer, x, shape, first + c, place);
  const weights = (c) => [...layer.weight.subarray((unit * count + c) * kh * kw, (unit * count + c + 1) * kh * kw)];
  return { count, first, sizes: [kh, kw], chunk: (c) => seen(c).values, inside: (c) => seen(c).inside, weights };
}

// Inputs beyond the last one fill up its row: 0 times 0.
function linearSum(layer, x, unit) {
  const [count, rows, cols] = layer.grid;
  const each = rows * cols;
  const part = (values, start, end) => counted(each, (i) => (start + i < end ? values[start + i] : 0));
  const before = unit * x.length;
  return {
    count,
    first: 0,
    sizes: [rows, cols],
    chunk: (c) => part(x, c * each, x.length),
    weights: (c) => part(layer.weight, before + c * each, before + x.length),
    inside: (c) => counted(each, (i) => c * each + i < x.length),
  };
}
