/** Each file of tests has a network of its own. Never 5670, which is the real one. */
export const ports = {
  frame: 23_100,
  ls: 23_101,
  doctor: 23_120,
  watch: 23_102,
  call: 23_103,
  bench: 23_104,
  keys: 23_105,
  terminal: 23_106,
  gateway: 23_107,
  expose: 23_108,
  map: 23_121,
}
