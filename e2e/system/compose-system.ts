import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import compose, { type IDockerComposeOptions } from 'docker-compose';
import type { Client } from './client.ts';
import { type User, Users } from './users.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const readyWithin = '300';

/** The system of docker-compose.yml as a project that is up. The caller who started it takes it down. */
export class ComposeSystem {
  private readonly users = new Users(() => this.url);
  private readonly override = join(tmpdir(), `waybill-${process.pid}.compose.yml`);
  private readonly options: IDockerComposeOptions;

  constructor(
    readonly project: string,
    readonly url: string,
  ) {
    this.runs({});
    this.options = {
      cwd: root,
      // These include the ports of the project.
      env: process.env,
      composeOptions: [
        ...['--project-name', project],
        ...['--file', 'docker-compose.yml', '--file', this.override],
      ],
    };
  }

  as(user: User): Promise<Client> {
    return this.users.as(user);
  }

  /** Resolves when everything, or each named service, is healthy. */
  async up(services: readonly string[] = [], ...flags: readonly string[]): Promise<void> {
    const commandOptions = ['--wait', '--wait-timeout', readyWithin, ...flags];
    await this.told(compose.upMany([...services], { ...this.options, commandOptions }));
  }

  /** Kills containers as in a crash; they stay down until `up`. */
  async kill(...services: readonly string[]): Promise<void> {
    await this.told(compose.kill({ ...this.options, commandOptions: [...services] }));
  }

  async stop(...services: readonly string[]): Promise<void> {
    await this.told(compose.stopMany(this.options, ...services));
  }

  /** Removes the containers and keeps the data. */
  async down(): Promise<void> {
    await this.told(compose.downAll(this.options));
  }

  /** Runs an operator's command, `npm run backup -- FOLDER` or `npm run restore -- FOLDER`. */
  async operate(action: 'backup' | 'restore', folder: string): Promise<void> {
    const words = [join(root, 'tools', 'backup.mjs'), action, folder, '--project', this.project];
    await run(process.execPath, words, { cwd: root });
  }

  /** Sets the images of these services from their next `up` on; all others run the built image. */
  runs(images: Readonly<Record<string, string>>): void {
    const services = Object.entries(images).map(
      ([name, image]) => `  ${name}:\n    image: ${image}\n    build: !reset null\n`,
    );
    writeFileSync(
      this.override,
      services.length ? `services:\n${services.join('')}` : 'services: {}\n',
    );
  }

  /** The violations once everything has settled; checks again for `within` milliseconds. Empty when all invariants hold. */
  async verify(within = 0): Promise<string[]> {
    const deadline = performance.now() + within;
    for (;;) {
      const found = await this.look();
      if (found.length === 0 || performance.now() > deadline) return found;
    }
  }

  dispose(): void {
    rmSync(this.override, { force: true });
  }

  private async look(): Promise<string[]> {
    const how = { ...this.options, commandOptions: ['--rm', '-T', '--no-deps'] };
    try {
      await compose.run('verify-invariants', [], how);
      return [];
    } catch (error) {
      const { out, err } = error as { out?: string; err?: string };
      return `${out ?? ''}\n${err ?? error}`.split('\n').filter((line) => line.trim() !== '');
    }
  }

  /** Rejects with the output of compose. */
  private async told(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      const { err } = error as { err?: string };
      const logs = await compose.logs([], { ...this.options, commandOptions: ['--tail', '20'] });
      throw new Error(`${err ?? error}\n${logs.out}`);
    }
  }
}
