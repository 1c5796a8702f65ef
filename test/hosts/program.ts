import { createInterface } from 'node:readline'

/** The other end of `LineProcess`: one JSON value a line. Ends the process when the test closes stdin. */
export function obey<Command extends { id: number }>(
  answer: (command: Command) => Promise<object | undefined>,
): void {
  const input = createInterface({ input: process.stdin })
  input.on('line', async (text) => {
    const command = JSON.parse(text) as Command
    write({ id: command.id, ...(await answer(command).catch(toFields)) })
  })
  input.on('close', () => process.exit())
}

export function write(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** An error as the test sees it. */
function toFields(thrown: unknown): object {
  if (!(thrown instanceof Error)) return { message: String(thrown) }
  const { message, code, codes } = thrown as Error & { code?: string; codes?: number[] }
  return { message, code, codes }
}
