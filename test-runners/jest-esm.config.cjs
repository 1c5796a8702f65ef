// With `node --experimental-vm-modules` Jest loads ES modules as they are.
module.exports = { testMatch: ['**/tests/jest-esm.test.js'], transform: {} }
