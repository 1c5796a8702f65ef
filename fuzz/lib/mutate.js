/** Where counters, lengths and signs turn over. */
const INTERESTING = [
  0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 100, 127, 128, 129, 255, 256, 257, 1023, 1024, 4095, 4096,
  4097, 32767, 32768, 65535, 65536, 262143, 262144, 262145, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
]

/** A changed copy: some steps of chance, more of them seldom. `others` are what pieces may be taken from. */
export function mutate(input, others, words, random, longest) {
  let bytes = input
  for (let steps = 1 << random.below(4); steps > 0; steps--) {
    bytes = random.pick(steppers)(bytes, random, others, words)
    if (bytes.length > longest) bytes = bytes.subarray(0, longest)
  }
  return Buffer.from(bytes)
}

const flip = changing((bytes, at, random) => {
  bytes[at] ^= 1 << random.below(8)
})

const overwrite = changing((bytes, at, random) => {
  bytes[at] = random.below(256)
})

const nudge = changing((bytes, at, random) => {
  bytes[at] += random.below(16) - 8
})

const interesting = changing((bytes, at, random) => {
  const value = random.pick(INTERESTING)
  const width = Math.min(random.pick([1, 2, 4]), bytes.length - at)
  for (let i = 0; i < width; i++) bytes[at + i] = value >>> (8 * (width - 1 - i))
})

function remove(bytes, random) {
  const [start, end] = range(bytes, random)
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)])
}

function repeat(bytes, random) {
  const [start, end] = range(bytes, random)
  const piece = bytes.subarray(start, Math.min(end, start + 512))
  return insertAt(bytes, end, ...Array(1 + random.below(4)).fill(piece))
}

function move(bytes, random) {
  const [start, end] = range(bytes, random)
  return insertAt(remove(bytes, random), random.below(bytes.length + 1), bytes.subarray(start, end))
}

function insert(bytes, random) {
  const piece = Buffer.alloc(1 + random.below(8))
  const fill = random.below(2) === 0 ? random.below(256) : undefined
  for (let i = 0; i < piece.length; i++) piece[i] = fill ?? random.below(256)
  return insertAt(bytes, random.below(bytes.length + 1), piece)
}

function insertWord(bytes, random, _others, words) {
  return words.length === 0 ? bytes : insertAt(bytes, random.below(bytes.length + 1), random.pick(words))
}

function overwriteWord(bytes, random, _others, words) {
  if (words.length === 0) return bytes
  const copy = Buffer.from(bytes)
  random.pick(words).copy(copy, random.below(copy.length + 1))
  return copy
}

function graft(bytes, random, others) {
  const other = random.pick(others)
  const [start, end] = range(other, random)
  return insertAt(bytes, random.below(bytes.length + 1), other.subarray(start, end))
}

function cross(bytes, random, others) {
  const other = random.pick(others)
  const head = bytes.subarray(0, random.below(bytes.length + 1))
  return Buffer.concat([head, other.subarray(random.below(other.length + 1))])
}

const steppers = [
  flip,
  overwrite,
  overwrite,
  nudge,
  interesting,
  interesting,
  remove,
  repeat,
  move,
  insert,
  insertWord,
  overwriteWord,
  graft,
  cross,
]

/** A step that changes bytes in their place. */
function changing(change) {
  return (bytes, random) => {
    if (bytes.length === 0) return Buffer.of(random.below(256))
    const copy = Buffer.from(bytes)
    change(copy, random.below(copy.length), random)
    return copy
  }
}

/** Short ones mostly: a field, and not half of the input. */
function range(bytes, random) {
  const start = random.below(bytes.length + 1)
  const most = random.below(4) === 0 ? bytes.length : 16
  return [start, Math.min(bytes.length, start + random.below(most + 1))]
}

function insertAt(bytes, at, ...pieces) {
  return Buffer.concat([bytes.subarray(0, at), ...pieces, bytes.subarray(at)])
}
