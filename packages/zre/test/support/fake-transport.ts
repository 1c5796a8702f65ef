import type { OpenMailbox, Receiver, Transport, TransportListener } from '#src/transport.js'

/** A transport that takes everything and hands on nothing, until a test calls its receiver or its listener. */
export class FakeTransport implements Transport {
  readonly endpoint = 'tcp://10.0.0.1:49152'
  readonly port = 49152
  readonly sent: { readonly id: string; readonly frames: Buffer[] }[] = []
  readonly beaconsSent: Buffer[] = []
  readonly beacons = {
    send: (bytes: Buffer, sent = () => {}) => {
      this.beaconsSent.push(bytes)
      sent()
      return true
    },
  }
  receiver!: Receiver
  listener!: TransportListener
  closed = 0

  async open(): Promise<void> {}

  start(receiver: Receiver, listener: TransportListener): void {
    this.receiver = receiver
    this.listener = listener
  }

  isOnNetwork(): boolean {
    return true
  }

  isOwnAddress(address: string): boolean {
    return this.endpoint.includes(`//${address}:`)
  }

  checkInterface(): void {}

  openMailbox(id: string): OpenMailbox | undefined {
    return { hasRoom: () => true, send: (frames) => this.sent.push({ id, frames }) }
  }

  openReturn(id: string): OpenMailbox {
    return { hasRoom: () => true, send: (frames) => this.sent.push({ id, frames }) }
  }

  closeMailbox(_id: string, _flush: boolean): void {}

  send(id: string, frames: Buffer[]): boolean {
    this.sent.push({ id, frames })
    return true
  }

  queuedBytes(): number {
    return 0
  }

  hasRoom(): boolean {
    return true
  }

  whenRead(callback: () => void): void {
    callback()
  }

  whenFlushed(callback: () => void): void {
    callback()
  }

  probe(): void {}

  probeInUse(): void {}

  check(): void {}

  identify(): void {}

  answer(): void {}

  close(): void {
    this.closed++
  }
}
