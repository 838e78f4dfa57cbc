import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { freePort } from '@waybill/embedded-postgres';
import { programOf } from '@waybill/processes';
import { eventually } from './eventually.ts';
import type { ProcessSystem } from './process-system.ts';

/** Another gateway in front of the services of a system. */
export class SecondGateway {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /** Resolves when it is ready. */
  static async start(system: ProcessSystem): Promise<SecondGateway> {
    const port = await freePort(0);
    const urls = new Map<string, string>();
    for (const { name, url } of system.processes()) {
      const known = urls.get(name);
      urls.set(name, known ? `${known},${url}` : url);
    }
    const addresses = [...urls].map(([name, url]) => [`${name.toUpperCase()}_URL`, url]);
    const child = spawn(process.execPath, [programOf('gateway')], {
      env: { ...process.env, ...Object.fromEntries(addresses), PORT: String(port) },
      stdio: 'ignore',
    });
    const gateway = new SecondGateway(child, `http://127.0.0.1:${port}`);
    await eventually('the second gateway is ready', async () => {
      const answer = await fetch(`${gateway.url}/health/ready`);
      await answer.arrayBuffer();
      return answer.ok;
    });
    return gateway;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
  }
}
