/** `docs/cli.md` lists them. */
export const exit = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** As curl: there is no such host. */
  unknownService: 6,
  /** As curl: `--fail`, and a status from 400 on. */
  status: 22,
  /** As curl. */
  timeout: 28,
  interrupted: 130,
  /** Nobody reads stdout any more: 128 and SIGPIPE. */
  pipe: 141,
  terminated: 143,
} as const

/** The exit code of a command that its signal has ended. */
export function endedBy(signal: AbortSignal): number {
  const { reason } = signal
  if (reason === 'SIGPIPE') return exit.pipe
  return reason === 'SIGTERM' ? exit.terminated : exit.interrupted
}
