// @ts-check
import { stripVTControlCharacters, styleText } from 'node:util'

const colours = process.stdout.isTTY && !process.env.NO_COLOR
const started = performance.now()

/** @param {'bold' | 'dim' | 'green' | 'yellow'} format @returns {(text: string) => string} */
const painter = (format) => (text) => (colours ? styleText(format, text) : text)

export const bold = painter('bold')
export const dim = painter('dim')
export const green = painter('green')
export const yellow = painter('yellow')

/** @param {string} text */
export function title(text) {
  console.log(`\n${bold(text)}`)
}

/** One thing that happened, after the milliseconds since the start. @param {string[]} cells */
export function line(...cells) {
  const time = `${Math.round(performance.now() - started)} ms`
  console.log(`${dim(time.padStart(9))}  ${row(cells)}`)
}

/** More about the line above. @param {string[]} cells */
export function more(...cells) {
  console.log(`${' '.repeat(11)}${row(cells)}`)
}

/** A cell as wide as the first three. @param {string} text */
export const wide = (text) => pad(text, 41)

/** @param {unknown} error @returns {never} */
export function fail(error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : error}`)
  process.exit(1)
}

/** Every cell but the last is as wide as its column. */
const widths = [17, 10, 14]

/** @param {string[]} cells */
function row(cells) {
  const last = cells.length - 1
  return cells.map((cell, i) => (i === last ? cell : pad(cell, widths[i] ?? 0))).join('')
}

/** Colours take no room. @param {string} cell @param {number} width */
function pad(cell, width) {
  const shown = colours ? stripVTControlCharacters(cell) : cell
  return cell + ' '.repeat(Math.max(1, width - shown.length))
}
