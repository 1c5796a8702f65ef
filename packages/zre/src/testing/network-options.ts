import type { Schedule } from './schedule.js'

export interface NetworkOptions {
  readonly seed: number
  /** Default: one that stands still until it is told to run. */
  readonly schedule?: Schedule
  /** The share of beacons that get lost, from 0 to 1. Default 0. */
  readonly beaconLoss?: number
  /** The share of beacons that arrive twice. Default 0. */
  readonly beaconDoubling?: number
  /** Beacons take up to this long, in ms, or so long, and may overtake each other. Default 5. */
  readonly beaconDelay?: Delay
  /** Messages take up to this long, in ms, or so long, and keep their order. Default 5. */
  readonly messageDelay?: Delay
  /** The share of messages that get lost, from 0 to below 1. Each is sent again, as TCP does, and those after it wait. Default 0. */
  readonly messageLoss?: number
  /** Milliseconds until it is known whether somebody shakes hands. Default 5. */
  readonly checkTime?: number
  /** Milliseconds that the mailboxes of a node that leaves have to send what they hold. Default 50. */
  readonly settleTime?: number
  /** Nodes show that they are where they say, as nodes of this library do. Default `false`: as those of others. */
  readonly proven?: boolean
}

/** The most, or the least and the most, in milliseconds. */
export type Delay = number | readonly [least: number, most: number]

const DEFAULTS = {
  beaconLoss: 0,
  beaconDoubling: 0,
  beaconDelay: 5,
  messageDelay: 5,
  messageLoss: 0,
  checkTime: 5,
  settleTime: 50,
  proven: false,
}

export type NetworkSettings = Required<Omit<NetworkOptions, 'schedule'>>

export function withDefaults(options: Omit<NetworkOptions, 'schedule'>): NetworkSettings {
  return { ...DEFAULTS, ...options }
}
