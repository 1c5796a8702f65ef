/** Each test has a network of its own. Never 5670, which is the real one. */
export const ports = {
  echo: 23_010,
  articles: 23_011,
  demo: 23_012,
  stay: 23_013,
  mixed: 23_014,
  secure: 23_015,
  events: 23_030,
}
