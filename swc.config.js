/** How SWC compiles TypeScript, for the programs and for the tests. */
export default {
  swcrc: false,
  module: { type: 'es6' },
  jsc: {
    target: 'es2023',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    // Both must match tsconfig.base.json; otherwise dependency injection finds no types.
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
};
