// Numbers as people read them. Nothing known is a dash.

const NOTHING = '–'
/** A unit does not go to another line than its number. */
const SPACE = '\u00a0'

export function rate(value) {
  if (value === undefined) return NOTHING
  if (value === 0) return '0'
  if (value < 0.1) return '< 0.1'
  return value < 10 ? String(Number(value.toFixed(1))) : Math.round(value).toLocaleString('en')
}

export function share(value) {
  if (value === undefined) return NOTHING
  const percent = value * 100
  return `${percent > 0 && percent < 1 ? '< 1' : Math.round(percent)}${SPACE}%`
}

export function milliseconds(value) {
  if (value === undefined) return NOTHING
  if (value >= 1000) return `${Number((value / 1000).toFixed(1))}${SPACE}s`
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)}${SPACE}ms`
}

export function count(value, noun) {
  return `${value.toLocaleString('en')} ${noun}${value === 1 ? '' : 's'}`
}

export function bytes(value) {
  if (value < 1024) return `${value} bytes`
  if (value < 1024 * 1024) return `${Math.round(value / 1024)} KiB`
  return `${Math.round(value / 1024 / 1024).toLocaleString('en')} MiB`
}

/** With the day, unless it is today. */
export function time(ms) {
  const date = new Date(ms)
  const clock = date.toLocaleTimeString('en-GB')
  if (date.toDateString() === new Date().toDateString()) return clock
  return `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })}, ${clock}`
}

/** “2 calls a second, 3 % fail” */
export function calls(row) {
  const rated = row.rate === undefined ? 'calls' : `${rate(row.rate)} a second`
  return row.failed > 0 ? `${rated}, ${share(row.failed)} fail` : rated
}
