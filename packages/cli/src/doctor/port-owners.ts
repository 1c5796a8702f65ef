import type { System } from './system.js'

/** The processes that have a UDP port: `nginx (12), node (34)`. Undefined if none is seen: those of other users need root. */
export async function ownersOf(
  port: number,
  system: Pick<System, 'platform' | 'run'>,
): Promise<string | undefined> {
  const found = system.platform === 'linux' ? await bySs(port, system) : undefined
  const owners = found ?? (system.platform === 'win32' ? undefined : await byLsof(port, system))
  if (owners === undefined) return undefined
  const names = [...owners]
    .filter(([pid]) => pid !== process.pid)
    .map(([pid, name]) => `${name} (process ${pid})`)
  return names.length === 0 ? undefined : names.join(', ')
}

type Owners = Map<number, string>

async function bySs(port: number, { run }: Pick<System, 'run'>): Promise<Owners | undefined> {
  const text = await run('ss', ['-H', '-l', '-u', '-n', '-p', 'sport', '=', `:${port}`])
  if (text === undefined) return undefined
  return new Map(
    [...text.matchAll(/\("([^"]{0,16})",pid=(\d{1,7})/g)].map(([, name = '', pid]) => [Number(pid), name]),
  )
}

/** `-F pc`: a line for each process id (p) and each name of a command (c). */
async function byLsof(port: number, { run }: Pick<System, 'run'>): Promise<Owners | undefined> {
  const text = await run('lsof', ['-nP', `-iUDP:${port}`, '-F', 'pc'])
  if (text === undefined) return undefined
  return new Map([...text.matchAll(/^p(\d+)\nc(.*)$/gm)].map(([, pid, name = '']) => [Number(pid), name]))
}
