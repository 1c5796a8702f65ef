/** `0.42ms`, `12ms`, `1.5s`: for people, in one word. */
export function shortTime(ms: number): string {
  if (ms < 10) return `${ms.toFixed(2)}ms`
  if (ms < 1000) return `${Math.round(ms)}ms`
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)}s`
}

/** `12s`, `5m12s`, `3h5m`, `9d4h`: for how long something is up. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const [minutes, hours, days] = [60, 3600, 86_400].map((unit) => Math.floor(seconds / unit)) as [
    number,
    number,
    number,
  ]
  if (minutes === 0) return `${seconds}s`
  if (hours === 0) return `${minutes}m${seconds % 60}s`
  return days === 0 ? `${hours}h${minutes % 60}m` : `${days}d${hours % 24}h`
}
