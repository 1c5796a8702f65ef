// What the kernel counts of a process: Linux alone has it.
import { readdirSync, readFileSync } from 'node:fs'

/** Milliseconds of CPU that a process has taken, all its threads together. */
export function cpuOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // utime and stime, in ticks of which Linux has a hundred a second.
  return (Number(fields[11]) + Number(fields[12])) * 10
}

export function descriptorsOf(pid) {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** Milliseconds on a clock that all processes of a machine share. */
export function monotonicNow() {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}
