import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { HostFolder, type InterfaceTable, zeromq } from '@sleuth/zre/diagnostics'

/** The machine that the doctor looks at. Tests give another. */
export interface System {
  readonly platform: NodeJS.Platform
  readonly arch: string
  /** As `process.versions.node`. */
  readonly node: string
  readonly env: NodeJS.ProcessEnv
  interfaces(): InterfaceTable
  /** The C library: `glibc 2.36`, or `musl`. Undefined where there is no choice. */
  libc(): string | undefined
  /** The most open files of a process. `Infinity`: no limit. Undefined where it is not known. */
  maxFiles(): number | undefined
  /** The text of a file. Undefined if it can't be read. */
  read(path: string): Promise<string | undefined>
  /** What a program prints. Undefined if there is no such program, or it fails. */
  run(program: string, args: readonly string[]): Promise<string | undefined>
  /** Loads the native addon. Throws when it can't be loaded. */
  addon(): { readonly version: string; readonly curve: boolean }
  /** Opens the directory by which nodes of this host find each other. Rejects when it can't be used. */
  hostFolder(port: number): Promise<{ readonly path: string; readonly entries: number }>
}

const RUN_MS = 3000

interface Report {
  readonly header?: { readonly glibcVersionRuntime?: string }
  readonly userLimits?: { readonly open_files?: { readonly soft?: number | 'unlimited' } }
}

export function realSystem(env: NodeJS.ProcessEnv): System {
  let report: Report | undefined
  return {
    platform: process.platform,
    arch: process.arch,
    node: process.versions.node,
    env,
    interfaces: networkInterfaces,
    libc() {
      if (process.platform !== 'linux') return undefined
      report ??= readReport()
      const glibc = report.header?.glibcVersionRuntime
      return glibc === undefined ? 'musl' : `glibc ${glibc}`
    },
    maxFiles() {
      report ??= readReport()
      const soft = report.userLimits?.open_files?.soft
      return soft === 'unlimited' ? Number.POSITIVE_INFINITY : soft
    },
    read: (path) => readFile(path, 'utf8').catch(() => undefined),
    run: (program, args) =>
      new Promise((resolve) => {
        execFile(program, args, { timeout: RUN_MS, windowsHide: true }, (error, stdout) =>
          resolve(error === null ? stdout : undefined),
        )
      }),
    addon() {
      const { version, capability } = zeromq()
      return { version, curve: capability.curve === true }
    },
    async hostFolder(port) {
      const folder = new HostFolder(tmpdir(), process.getuid?.(), port)
      await folder.open()
      const { length: entries } = await folder.list()
      if (entries === 0) await folder.removeEmpty()
      return { path: folder.path, entries }
    },
  }
}

function readReport(): Report {
  const { report } = process
  // Names of the machine's connections would be looked up.
  ;(report as { excludeNetwork?: boolean }).excludeNetwork = true
  return report.getReport() as Report
}
