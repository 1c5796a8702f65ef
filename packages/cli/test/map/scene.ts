import { Collector } from '#src/map/collector.js'
import { headlineOf } from '#src/map/headline.js'
import { Network } from '#src/map/network.js'
import { type View, viewOf } from '#src/map/view.js'
import { FakeNetwork } from './fake-network.js'

/** A network that is not there, and the map's memory of it. Time passes when it is told. */
export class Scene {
  readonly source = new FakeNetwork()
  readonly network = new Network(0)
  readonly collector: Collector
  now = 0

  constructor() {
    this.collector = new Collector(this.source, this.network, () => this.now)
    this.source.on('up', ({ service, instance }) => this.network.up(service, instance, this.now))
    this.source.on('down', ({ service, instance, reason }) =>
      this.network.down(service, instance, reason, this.now),
    )
  }

  /** So many seconds pass, in each of which all are asked. */
  async pass(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      this.now += 1000
      this.source.advance(1000)
      this.network.update(this.source.services(), this.source.peers(), this.now)
      await this.collector.round(new AbortController().signal)
    }
  }

  get view(): View {
    return viewOf(this.network)
  }

  get headline(): string {
    return headlineOf(this.view, this.network).words
  }
}
