import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { root } from './repository.ts';

const manifest = { name: 'app', version: '1.0.0', dependencies: { brittle: '1.0.0' } };
const lock = {
  ...manifest,
  lockfileVersion: 3,
  packages: {
    '': manifest,
    'node_modules/brittle': { version: '1.0.0', resolved: '', integrity: 'sha512-AA==' },
  },
};
const advisory = {
  id: 1,
  url: 'https://example.com/1',
  title: 'It breaks',
  vulnerable_versions: '*',
};

let folder: string;
let registry: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-audit-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
});
afterEach(() => {
  registry?.close();
  registry = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** A registry with one package, which answers an audit with `status` and `advisories`. */
async function serve(status: number, advisories: object): Promise<string> {
  registry = createServer((request, response) => {
    const isAudit = request.method === 'POST';
    response.statusCode = isAudit ? status : 200;
    response.setHeader('content-type', 'application/json');
    const version = { name: 'brittle', version: '1.0.0' };
    const known = {
      name: 'brittle',
      'dist-tags': { latest: '1.0.0' },
      versions: { '1.0.0': version },
    };
    request.resume().on('end', () => response.end(JSON.stringify(isAudit ? advisories : known)));
  });
  await new Promise<void>((resolve) => registry?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
}

async function audit(url: string): Promise<{ code: number | null; published: string }> {
  const env = { ...process.env, npm_config_registry: url, npm_config_cache: join(folder, 'cache') };
  const script = join(root, 'tools', 'audit.mjs');
  const child = spawn(process.execPath, [script, folder], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let published = '';
  child.stderr.on('data', (text) => {
    published += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, published };
}

describe('the audit', () => {
  it.each(['high', 'critical'])(
    'fails on a vulnerability of %s severity, and names it',
    async (severity) => {
      const url = await serve(200, { brittle: [{ ...advisory, severity }] });
      const { code, published } = await audit(url);
      expect(published).toContain(`${severity}: brittle`);
      expect(published).toContain('It breaks');
      expect(code).toBe(1);
    },
  );

  it('counts what is less severe, and passes', async () => {
    const url = await serve(200, { brittle: [{ ...advisory, severity: 'moderate' }] });
    const { code, published } = await audit(url);
    expect(published).toContain('1 vulnerable packages, 0 of them high or critical');
    expect(code).toBe(0);
  });

  it('says that it has not looked where the registry has no audit, and passes', async () => {
    const { code, published } = await audit(await serve(405, {}));
    expect(published).toMatch(/^NOT AUDITED.*405/m);
    expect(code).toBe(0);
  });

  it('says that it has not looked where there is no network, and passes', async () => {
    const { code, published } = await audit('http://127.0.0.1:1');
    expect(published).toMatch(/^NOT AUDITED.*ECONNREFUSED/m);
    expect(code).toBe(0);
  });
});
