import type { DownEvent, PeerInfo, Service, UpEvent } from '@sleuth/core'

/** What the map asks of a node. `Sleuth` is one; tests give their own. */
export interface MapSource {
  services(): readonly Service[]
  peers(): readonly PeerInfo[]
  on(event: 'up', listener: (event: UpEvent) => void): unknown
  on(event: 'down', listener: (event: DownEvent) => void): unknown
  off(event: 'up', listener: (event: UpEvent) => void): unknown
  off(event: 'down', listener: (event: DownEvent) => void): unknown
  inspect(peer: string, subject: 'info', init: AskInit): Promise<unknown>
  inspect(peer: string, subject: 'stats', init: AskInit): Promise<unknown>
  inspect(peer: string, subject: 'links', init: AskInit): Promise<unknown>
}

interface AskInit {
  /** Milliseconds. */
  timeout: number
  signal?: AbortSignal
}
