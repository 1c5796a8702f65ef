// npm run fuzz -- [SECONDS] [TARGET…] [keep]   all targets, or those that are named; 60 seconds in all unless told
// npm run fuzz -- replay FILE                  one input that was found
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { targets } from './targets/index.js'

const [first, ...more] = process.argv.slice(2)
if (first === 'replay') await replay(more[0])
else await fuzzAll(process.argv.slice(2))

async function replay(file) {
  const name = basename(file).replace(/-[0-9a-f]+$/, '')
  const target = await targets[name]()
  await target.run(readFileSync(file))
  console.log(`${name}: nothing is wrong with it`)
}

async function fuzzAll(words) {
  const seconds = Number(words.find((word) => /^[0-9]+$/.test(word)) ?? 60)
  const asked = words.filter((word) => word in targets)
  const names = asked.length > 0 ? asked : Object.keys(targets)
  const unknown = words.filter((word) => !(word in targets) && word !== 'keep' && !/^[0-9]+$/.test(word))
  if (unknown.length > 0) {
    console.error(`There is no target ${unknown.join(', ')}. There are: ${Object.keys(targets).join(', ')}.`)
    process.exit(2)
  }
  const rows = []
  console.log('target            inputs  a second  corpus  blocks reached  findings')
  for (const name of names) {
    const row = await fuzz(name, seconds / names.length, words.includes('keep'))
    rows.push(row)
    const { inputs, corpus, blocks, of, findings } = row
    const rate = Math.round(inputs / (seconds / names.length))
    console.log(
      `${name.padEnd(14)}${cell(inputs, 10)}${cell(rate, 10)}${cell(corpus, 8)}${cell(`${blocks} of ${of}`, 16)}${cell(findings, 10)}`,
    )
  }
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0)
  console.log(`\n${sum('inputs')} inputs, ${sum('findings')} findings`)
  process.exitCode = sum('findings') > 0 ? 1 : 0
}

/** In a process of its own: an input that never ends takes no other target with it. */
function fuzz(name, seconds, keep) {
  const script = fileURLToPath(new URL('fuzz-target.js', import.meta.url))
  const seed = String(process.env.SLEUTH_SEED ?? Date.now() % 1_000_000)
  const child = spawn(process.execPath, [script, name, String(seconds), seed, keep ? 'keep' : ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  return new Promise((resolve) => {
    child.on('close', () => {
      const lines = output.trim().split('\n')
      const last = lines.at(-1) ?? ''
      const whole = last.startsWith('{')
      const said = whole ? lines.slice(0, -1) : lines
      if (said.length > 0) console.log(said.join('\n'))
      resolve(whole ? JSON.parse(last) : { inputs: 0, corpus: 0, blocks: 0, of: 0, findings: 1 })
    })
  })
}

function cell(value, width) {
  return String(value).padStart(width)
}
