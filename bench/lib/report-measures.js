import { count, table } from './stats.js'

/** Two tables: what has one value, and what depends on the number of callers; with another checkout beside, its rows too. */
export function measures({ own, base }) {
  const names = base === undefined ? ['value'] : ['value', 'base']
  const checkouts = base === undefined ? [own] : [own, base]
  const columns = checkouts.map(singleValues)
  const single = columns[0].map(([label], row) => [label, ...columns.map((column) => column[row][1])])
  const byCallers = checkouts.map(rowsByCallers)
  const lines = byCallers[0].flatMap((_row, index) =>
    byCallers.map((rows, checkout) => {
      const [label, ...values] = rows[index]
      return [checkout === 0 ? label : `${label} (base)`, ...values]
    }),
  )
  const callers = own.calls.map((row) => `${row.callers} callers`)
  return `### Measures that do not depend on the machine's speed

${table(['measure', ...names], single)}

${table(['128-byte echo by a bare handler', ...callers], lines)}`
}

function singleValues({ paths, copies, cpuRatio }) {
  return [
    ...Object.entries(paths).map(([name, { files, functions, calls }]) => [
      `a warm ${name}: files, functions, calls of sleuth's own, both ends`,
      `${files}, ${functions}, ${calls}`,
    ]),
    ...copies.flatMap(({ way, bytes, ...sides }) =>
      ['client', 'server'].map((side) => [
        `${bytes / 1024} KiB ${way}: copies of each body byte, ${side}`,
        sides[side].toFixed(2),
      ]),
    ),
    ['128-byte echo, 64 callers: CPU time of both ends ÷ raw zeromq, batched', cpuRatio.toFixed(2)],
  ]
}

function rowsByCallers({ calls }) {
  const labels = {
    allocated: 'bytes allocated per call',
    sends: 'ZeroMQ messages per 1,000 calls',
    frames: 'ZeroMQ frames per 1,000 calls',
    writes: 'writes by TCP per 1,000 calls',
    sentBytes: 'bytes sent per call',
  }
  return Object.entries(labels).flatMap(([key, label]) =>
    ['client', 'server'].map((side) => [`${label}, ${side}`, ...calls.map((row) => count(row[side][key]))]),
  )
}
