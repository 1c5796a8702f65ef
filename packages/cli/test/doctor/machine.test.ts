import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { HostFolder } from '@sleuth/zre/diagnostics'
import { addon } from '#src/doctor/checks/addon.js'
import { descriptors } from '#src/doctor/checks/descriptors.js'
import { hostDirectory } from '#src/doctor/checks/host-directory.js'
import { runtime } from '#src/doctor/checks/runtime.js'
import type { Context } from '#src/doctor/context.js'
import { realSystem } from '#src/doctor/system.js'
import { keys, loopback, mesh, network, peer, problem, settings, system, well } from './given.js'

/** Checks take parts of a context. */
const as = (parts: Partial<Context>) => parts as Context

describe('the check runtime', () => {
  const run = (given: Parameters<typeof system>[0]) => runtime.run(as({ system: system(given) }))

  test('names Node, the platform and the C library', async () => {
    assert.deepEqual(well(await run({})), ['Node 24.1.0 on linux x64, glibc 2.36'])
    assert.deepEqual(well(await run({ platform: 'darwin', arch: 'arm64', libc: () => undefined })), [
      'Node 24.1.0 on darwin arm64',
    ])
  })

  test('fails for a Node that is too old', async () => {
    for (const node of ['18.20.0', '20.18.3', '22.11.0']) {
      const { status, remedy } = problem(await run({ node }))
      assert.equal(status, 'fail')
      assert.match(remedy, /20\.19/)
    }
    for (const node of ['20.19.0', '22.12.0']) well(await run({ node }))
  })

  test('warns where zeromq has no binary', async () => {
    assert.match(problem(await run({ arch: 'riscv64' })).text, /compiled at the install/)
    assert.match(problem(await run({ platform: 'freebsd' })).text, /freebsd/)
  })
})

describe('the check addon', () => {
  const run = (load: () => { version: string; curve: boolean }, given = {}) =>
    addon.run(as({ system: system({ addon: load }), settings: settings(given) }))
  const failing = (message: string) =>
    run(() => {
      throw new Error(message)
    })

  test('loads it for real, and names the version of libzmq', async () => {
    const [text] = well(await addon.run(as({ system: realSystem({}), settings: settings() })))
    assert.match(text ?? '', /libzmq 4\.\d+\.\d+, with CURVE/)
  })

  test('fails with the remedy for what is wrong', async () => {
    const remedies = {
      'cannot open shared object file: No such file': /npm rebuild zeromq/,
      "version `GLIBC_2.38' not found": /newer system/,
      'Error loading shared library ld-linux-x86-64.so.2': /inside the image/,
      'invalid ELF header': /npm ci/,
    }
    for (const [message, remedy] of Object.entries(remedies)) {
      const found = problem(await failing(message))
      assert.equal(found.status, 'fail')
      assert.match(found.remedy, remedy)
    }
  })

  test('without CURVE warns, and fails where there are keys', async () => {
    const without = () => ({ version: '4.3.5', curve: false })
    assert.equal(problem(await run(without)).status, 'warn')
    assert.equal(problem(await run(without, { keys })).status, 'fail')
  })
})

describe('the check descriptors', () => {
  const run = (limit: number | undefined, peers = 0) =>
    descriptors.run(
      as({
        system: system({ maxFiles: () => limit }),
        settings: settings(),
        mesh: mesh(Array.from({ length: peers }, () => peer())),
      }),
    )

  test('compares the limit with the peers that are here, and with a network that grows', async () => {
    assert.equal(problem(await run(256, 30)).status, 'fail')
    assert.equal(problem(await run(256, 3)).status, 'warn')
    assert.match(problem(await run(256, 3)).text, /enough for 26 peers; 3 peers are here/)
    assert.equal(problem(await run(1024, 120)).status, 'warn')
    well(await run(1024, 10))
    well(await run(65_536, 900))
    well(await run(Number.POSITIVE_INFINITY))
    assert.deepEqual(await run(undefined), [])
  })

  test('reads the limit of this process', () => {
    assert.ok((realSystem({}).maxFiles() ?? 0) > 0)
  })
})

describe('the check host-directory', () => {
  const at = (folder: HostFolder) => async () => {
    await folder.open()
    return { path: folder.path, entries: (await folder.list()).length }
  }
  const run = (hostFolder: () => Promise<{ path: string; entries: number }>, parts: Partial<Context> = {}) =>
    hostDirectory.run(
      as({ system: system({ hostFolder }), settings: settings(), network: loopback, ...parts }),
    )

  test('opens it where nodes do, and says nothing where they do not', async () => {
    const root = await mkdtemp(join(tmpdir(), 'sleuth-doctor-'))
    try {
      const [text] = well(await run(at(new HostFolder(root, process.getuid?.(), 5670))))
      assert.match(text ?? '', /has 0 nodes/)
      assert.deepEqual(await run(at(new HostFolder(root, process.getuid?.(), 5670)), { network }), [])
    } finally {
      await rm(root, { recursive: true })
    }
  })

  test('warns when it is a link or belongs to another, and fails when it was asked for', async () => {
    const root = await mkdtemp(join(tmpdir(), 'sleuth-doctor-'))
    try {
      await mkdir(join(root, 'elsewhere'))
      await symlink(join(root, 'elsewhere'), join(root, `sleuth-${process.getuid?.() ?? 'user'}`))
      const folder = at(new HostFolder(root, process.getuid?.(), 5670))
      const found = problem(await run(folder))
      assert.equal(found.status, 'warn')
      assert.match(found.text, /no directory of this user/)
      const asked = settings({ discovery: { ...settings().discovery, discovery: ['host'] } as never })
      assert.equal(problem(await run(folder, { settings: asked, network })).status, 'fail')
    } finally {
      await rm(root, { recursive: true })
    }
  })
})
