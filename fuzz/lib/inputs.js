import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const folder = new URL('../', import.meta.url)

/** `corpus`: what reaches all that was ever reached. `findings`: what once was wrong. */
function fileOf(kind, name) {
  return new URL(`${kind}/${name}.txt`, folder)
}

/** One input a line, in base64. A line with `#` is for people. */
export function readInputs(kind, name) {
  const file = fileOf(kind, name)
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => Buffer.from(line, 'base64'))
}

export function writeCorpus(name, inputs) {
  const lines = inputs.map((bytes) => `${bytes.toString('base64')}\n`)
  writeFileSync(fileOf('corpus', name), lines.join(''))
}
