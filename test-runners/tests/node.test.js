import assert from 'node:assert/strict'
import test from 'node:test'
import { define } from '../scene.js'

define(test, assert.deepEqual)
