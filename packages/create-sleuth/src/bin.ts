#!/usr/bin/env node
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { checkFramework, checkName, readArguments, usage } from './arguments.js'
import { filesOf } from './files.js'
import { frameworks } from './frameworks.js'

try {
  const asked = readArguments(process.argv.slice(2))
  if (asked.help) process.stdout.write(usage)
  else await make(asked)
} catch (error) {
  process.stderr.write(`create-sleuth: ${(error as Error).message}\n\n${usage}`)
  process.exitCode = 2
}

async function make({ name, framework, typescript }: ReturnType<typeof readArguments>): Promise<void> {
  const choice = {
    name: name ?? checkName(await ask('Name of the service', 'my-service')),
    framework:
      framework ?? checkFramework(await ask(`Framework (${Object.keys(frameworks).join(', ')})`, 'fastify')),
    typescript: typescript ?? /^y/i.test(await ask('TypeScript (yes, no)', 'yes')),
  }
  if (existsSync(choice.name)) throw new Error(`there is something named "${choice.name}" here already`)
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  for (const [path, content] of Object.entries(filesOf(choice, version))) {
    const file = join(choice.name, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
  process.stdout.write(
    `${choice.name} is made. Next:\n\n  cd ${choice.name}\n  npm install\n  npm test\n  npm start\n`,
  )
}

/** Without a terminal there is nobody to ask. */
async function ask(question: string, usual: string): Promise<string> {
  if (!process.stdin.isTTY) return usual
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question(`${question} [${usual}]: `)
  terminal.close()
  return answer.trim() || usual
}
