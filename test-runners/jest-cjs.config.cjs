// Jest has a `require` of its own, which on Node 20 and 22 loads no ES modules: Babel makes CommonJS of those of sleuth.
module.exports = {
  testMatch: ['**/tests/jest-cjs.test.cjs'],
  transform: {
    '\\.[cm]?js$': [
      'babel-jest',
      {
        plugins: [
          '@babel/plugin-transform-modules-commonjs',
          '@babel/plugin-transform-dynamic-import',
          'babel-plugin-transform-import-meta',
        ],
      },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!@sleuth/)'],
}
