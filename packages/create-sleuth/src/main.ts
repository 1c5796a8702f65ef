import { readFileSync } from 'node:fs'
import { readArguments, usage } from './arguments.js'
import { filesOf } from './files.js'
import { choose, NoAnswer, type Terminal } from './questions.js'
import { NotWritten, writeProject } from './write-project.js'

/** Makes a project in the current folder. Returns the exit code: 0, or 1 (not written), 2 (wrong arguments), 130 (given up). */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const { stdout, stderr } = terminal
  try {
    const asked = readArguments(args)
    if (asked.help) {
      stdout.write(usage)
      return 0
    }
    const choice = await choose(asked, terminal)
    const { name, framework, typescript } = choice
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    writeProject(name, filesOf(choice, version))
    const language = typescript ? 'TypeScript' : 'JavaScript'
    stdout.write(
      `${name} is made, with ${framework} and ${language}. Next:\n\n  cd ${name}\n  npm install\n  npm test\n  npm start\n`,
    )
    return 0
  } catch (error) {
    const { message } = error as Error
    if (error instanceof NoAnswer) {
      stderr.write('\ncreate-sleuth: nothing is made\n')
      return 130
    }
    const isWrongUse = !(error instanceof NotWritten)
    stderr.write(`create-sleuth: ${message}\n${isWrongUse ? `\n${usage}` : ''}`)
    return isWrongUse ? 2 : 1
  }
}
