import { createRequire, findSourceMap, register } from 'node:module';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import Runtime from 'jest-runtime';
import { setGlobals } from './globals.mjs';

// Compiles TypeScript, finds sources instead of builds, and leads '@jest/globals' to `globals.mjs`.
register('./hooks.mjs', import.meta.url);
process.setSourceMapsEnabled(true);
const require = createRequire(import.meta.url);
const sourceMaps = new (class extends Map {
  /** The map of a module as a URL, which is where jest reads it from; empty without one. */
  get(url) {
    if (!this.has(url)) this.set(url, dataUrl(findSourceMap(url)?.payload));
    return super.get(url);
  }
})();

/**
 * Lets Node load the modules of specs, once in each worker, instead of jest once for every spec file in a context of its
 * own: loading Nest, TypeORM and the like was most of the time that the suites took. So the specs that a worker runs share
 * the state of modules, and `jest.mock` and `jest.resetModules` do not work; `environment.mjs` undoes the other changes.
 */
export default class NativeRuntime extends Runtime {
  unstable_shouldLoadAsEsm() {
    return true;
  }

  unstable_importModule(path) {
    return import(pathToFileURL(path).href);
  }

  /** Jest's framework, which keeps the tests of one spec file in its module: a new one for each. */
  requireInternalModule(path) {
    delete require.cache[path];
    return require(path);
  }

  setGlobalsForRuntime(globals) {
    super.setGlobalsForRuntime(globals);
    setGlobals(this.requireModuleOrMock('', '@jest/globals'));
  }

  getSourceMaps() {
    return sourceMaps;
  }

  /** Jest would replace the function in the process, which here belongs to the worker. */
  installGetBuiltinModule() {}
}

const dataUrl = (map) =>
  map ? `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}` : '';
