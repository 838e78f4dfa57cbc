/** How SWC compiles TypeScript for what runs, and for the tests. */
export default {
  swcrc: false,
  module: { type: 'es6' },
  jsc: {
    target: 'es2023',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    // Both must agree with tsconfig.base.json, or dependency injection finds no types.
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
};
