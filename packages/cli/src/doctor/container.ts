import type { System } from './system.js'

export type Container = 'kubernetes' | 'docker' | 'podman' | 'lxc'

/** The kind of container that this process runs in. Undefined if it runs in none. */
export async function containerOf({
  env,
  read,
}: Pick<System, 'env' | 'read'>): Promise<Container | undefined> {
  if (env.KUBERNETES_SERVICE_HOST) return 'kubernetes'
  const cgroup = (await read('/proc/1/cgroup')) ?? ''
  if (/kubepods/.test(cgroup)) return 'kubernetes'
  if ((await read('/run/.containerenv')) !== undefined || /libpod/.test(cgroup)) return 'podman'
  if ((await read('/.dockerenv')) !== undefined || /\/docker[/-]|containerd/.test(cgroup)) return 'docker'
  return /\/lxc/.test(cgroup) ? 'lxc' : undefined
}
