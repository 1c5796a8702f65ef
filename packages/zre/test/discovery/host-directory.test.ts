import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { HostDirectory, type HostDirectoryOptions, STALE_MS } from '#src/discovery/host-directory.js'
import { HostFolder } from '#src/discovery/host-folder.js'
import type { DiscoveryHost, FoundNode } from '#src/types.js'

const ids = ['A', 'B', 'C', 'D', 'E', 'F'].map((digit) => digit.repeat(32)) as [
  string,
  string,
  string,
  ...string[],
]
const [ours, other, third] = ids
const endpoint = (id: string) => `tcp://127.0.0.1:${50_000 + ids.indexOf(id)}`

let root: string
let folder: string
let open: HostDirectory[]
const uid = process.getuid?.()
const isLinux = process.platform === 'linux'

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sleuth-host-'))
  folder = join(root, `sleuth-${uid ?? 'user'}`, '5670')
  open = []
})
afterEach(async () => {
  for (const directory of open) await directory.close()
  rmSync(root, { recursive: true, force: true })
})

class Bench {
  readonly found: FoundNode[] = []
  readonly gone: string[] = []
  readonly warnings: string[] = []
  readonly directory: HostDirectory
  readonly host: DiscoveryHost & { endpoint: string }
  #wake = () => {}

  constructor(id: string, options: HostDirectoryOptions = {}) {
    this.directory = new HostDirectory({ root, uid, ...options })
    this.host = {
      id,
      endpoint: endpoint(id),
      publicKey: undefined,
      port: 5670,
      logger: {
        trace() {},
        debug() {},
        info() {},
        warn: (_fields, text) => this.warnings.push(text),
        error() {},
      },
      found: (node) => {
        this.found.push(node)
        this.#wake()
      },
      gone: (node) => {
        this.gone.push(node.id)
        this.#wake()
      },
    }
    open.push(this.directory)
  }

  async start(): Promise<this> {
    await this.directory.start(this.host)
    return this
  }

  ids(): string[] {
    return [...new Set(this.found.map(({ id = '' }) => id))].sort()
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

/** A file as another node would write it. */
function write(id: string, fields: object = {}): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const entry = { id, endpoint: endpoint(id), pid: process.pid, pidNamespace: 'here', ...fields }
  writeFileSync(join(folder, `${id}.json`), JSON.stringify(entry))
}

function files(): string[] {
  return readdirSync(folder).sort()
}

describe('the host directory', () => {
  it('makes nodes known to each other, whoever starts first, and lets go of one that leaves', async () => {
    const first = await new Bench(ours).start()
    const second = await new Bench(other).start()
    assert.deepEqual(second.found[0], { id: ours, endpoint: endpoint(ours), publicKey: undefined })
    await first.until(() => first.ids().includes(other))
    await second.directory.close()
    await first.until(() => first.gone.includes(other))
    assert.deepEqual(files(), [`${ours}.json`])
  })

  it('is removed by the last who leaves, as well as that of the user', async () => {
    const first = await new Bench(ours).start()
    const last = await new Bench(other).start()
    await first.directory.close()
    assert.deepEqual(files(), [`${other}.json`])
    const elsewhere = join(root, `sleuth-${uid ?? 'user'}`, '5671')
    mkdirSync(elsewhere)
    await last.directory.close()
    assert.ok(!existsSync(folder) && existsSync(elsewhere))
    rmSync(elsewhere, { recursive: true })
    await (await new Bench(third).start()).directory.close()
    assert.deepEqual(readdirSync(root), [])
  })

  it('is made for one who comes, however often another leaves it meanwhile', async () => {
    const [coming, leaving] = [ours, other].map((id) => ({ id, folder: new HostFolder(root, uid, 5670) }))
    assert.ok(coming && leaving)
    const entry = (id: string) => ({
      id,
      endpoint: endpoint(id),
      pid: 1,
      pidNamespace: undefined,
      publicKey: undefined,
    })
    let isOver = false
    const leaves = (async () => {
      while (!isOver) {
        await leaving.folder.write(entry(leaving.id))
        await leaving.folder.remove(leaving.id)
        await leaving.folder.removeEmpty()
      }
    })()
    try {
      for (let round = 0; round < 300; round++) {
        await coming.folder.write(entry(coming.id))
        assert.ok(coming.folder.read(coming.id))
        await coming.folder.remove(coming.id)
        await coming.folder.removeEmpty()
      }
    } finally {
      isOver = true
      await leaves
    }
  })

  it('tells of a node when it comes, and of the others once a second', async () => {
    write(other, { pid: process.pid })
    const bench = await new Bench(ours).start()
    const told = bench.found.length
    write(third)
    renameSync(join(folder, `${third}.json`), join(folder, `${ids[3]}.json`))
    renameSync(join(folder, `${ids[3]}.json`), join(folder, `${third}.json`))
    await bench.until(() => bench.ids().includes(third))
    assert.deepEqual(
      bench.found.slice(told).map(({ id }) => id),
      [third],
    )
    await bench.until(() => bench.found.slice(told).some(({ id }) => id === other))
  })

  it('says which host a process id is of: hosts that share it do not end each other', {
    skip: !isLinux,
  }, async () => {
    await new Bench(ours).start()
    const { pidNamespace } = JSON.parse(readFileSync(join(folder, `${ours}.json`), 'utf8'))
    assert.ok(pidNamespace.endsWith(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()))
  })

  it('is of this user alone', { skip: uid === undefined }, async () => {
    await new Bench(ours).start()
    assert.equal(statSync(folder).mode & 0o777, 0o700)
    assert.equal(statSync(join(folder, `${ours}.json`)).mode & 0o777, 0o600)
  })

  it('that others could read is closed to them', { skip: uid === undefined }, async () => {
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    await new Bench(ours).start()
    assert.equal(statSync(folder).mode & 0o777, 0o700)
  })

  it('is refused if it is a link, or of another user', { skip: uid === undefined }, async () => {
    const elsewhere = join(root, 'elsewhere')
    mkdirSync(elsewhere)
    symlinkSync(elsewhere, join(root, `sleuth-${uid}`))
    await assert.rejects(new Bench(ours).start(), /no directory of this user/)
    mkdirSync(join(root, 'sleuth-12345'))
    await assert.rejects(new Bench(ours, { uid: 12_345 }).start(), /no directory of this user/)
  })

  it('does not mind what is no file of a node', async () => {
    write(other)
    write(third, { endpoint: 'nonsense' })
    writeFileSync(join(folder, `${ids[3]}.json`), '{')
    writeFileSync(join(folder, `${ids[4]}.json`), Buffer.alloc(1024 * 1024, 0x20))
    symlinkSync(join(folder, `${other}.json`), join(folder, `${ids[5]}.json`))
    mkdirSync(join(folder, `${'1'.repeat(32)}.json`))
    writeFileSync(join(folder, 'README'), 'hello')
    write('2'.repeat(32), { id: other })
    for (const [at, text] of ['null', '7', '[]', '{}', '"x"', `{"id":"${'3'.repeat(32)}"}`].entries()) {
      writeFileSync(join(folder, `${String(at + 3).repeat(32)}.json`), text)
    }
    const bench = await new Bench(ours).start()
    assert.deepEqual(bench.ids(), [other])
  })

  it('loses the file of a process that is gone', async () => {
    write(other, { pid: 1_234_567 })
    const bench = await new Bench(ours, { pidNamespace: 'here', isAlive: (pid) => pid !== 1_234_567 }).start()
    assert.deepEqual([bench.ids(), files()], [[], [`${ours}.json`]])
  })

  it('keeps the file of a process that can not be seen, as of another container', async () => {
    write(other, { pid: 1_234_567, pidNamespace: 'there' })
    const bench = await new Bench(ours, { pidNamespace: 'here', isAlive: () => false }).start()
    assert.deepEqual(bench.ids(), [other])
  })

  it('loses a file that its owner has not touched for long, wherever that is', async () => {
    write(other, { pidNamespace: 'there' })
    const old = (Date.now() - STALE_MS) / 1000
    utimesSync(join(folder, `${other}.json`), old, old)
    const bench = await new Bench(ours).start()
    assert.deepEqual([bench.ids(), files()], [[], [`${ours}.json`]])
  })

  it('is not read again because its files are touched: many nodes do that all the time', async () => {
    write(other)
    const bench = await new Bench(ours).start()
    const list = mock.method(HostFolder.prototype, 'list')
    for (let touch = 0; touch < 5; touch++) {
      utimesSync(join(folder, `${other}.json`), new Date(), new Date())
      await sleep(50)
    }
    const draft = join(root, 'draft')
    writeFileSync(draft, JSON.stringify({ id: third, endpoint: endpoint(third), pid: process.pid }))
    renameSync(draft, join(folder, `${third}.json`))
    await bench.until(() => bench.ids().includes(third))
    assert.ok(list.mock.callCount() <= 2, 'once by the watch, and once by the look of each second')
    list.mock.restore()
  })

  it('keeps an old file whose owner shows that it lives, beside the directory: there it wakes no other node', async () => {
    write(other, { pidNamespace: 'there' })
    const old = (Date.now() - STALE_MS) / 1000
    utimesSync(join(folder, `${other}.json`), old, old)
    writeFileSync(join(folder, '..', `${other}.alive`), '')
    const bench = await new Bench(ours).start()
    assert.deepEqual(bench.ids(), [other])
    const before = statSync(folder).mtimeMs
    await bench.directory.sweep()
    assert.equal(statSync(folder).mtimeMs, before)
    assert.ok(existsSync(join(folder, '..', `${ours}.alive`)))
    await bench.directory.close()
    assert.ok(!existsSync(join(folder, '..', `${ours}.alive`)))
  })

  it('that was made again is watched again', async () => {
    const bench = await new Bench(ours).start()
    rmSync(folder, { recursive: true })
    await bench.directory.look()
    await new Bench(other).start()
    await bench.until(() => bench.ids().includes(other))
  })

  it('tells of a node that has moved', async () => {
    const first = await new Bench(ours).start()
    const second = await new Bench(other).start()
    second.host.endpoint = 'tcp://127.0.0.1:60000'
    await second.directory.look()
    await first.until(() => first.found.some((node) => node.endpoint === 'tcp://127.0.0.1:60000'))
  })

  it('is made again when somebody has cleaned it away', async () => {
    const bench = await new Bench(ours).start()
    rmSync(folder, { recursive: true })
    await bench.directory.look()
    assert.deepEqual(files(), [`${ours}.json`])
  })

  it('that can not be made again is told once, and the node goes on', async () => {
    const bench = await new Bench(ours).start()
    rmSync(join(root, `sleuth-${uid ?? 'user'}`), { recursive: true })
    writeFileSync(join(root, `sleuth-${uid ?? 'user'}`), 'in the way')
    await bench.directory.look()
    await bench.directory.look()
    assert.equal(bench.warnings.length, 1)
  })
})
