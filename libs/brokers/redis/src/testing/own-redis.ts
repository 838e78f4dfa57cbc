import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '@waybill/embedded-postgres';

/** A Redis that belongs to a test, on a free port; the test may stop, kill, freeze and restart it. */
export class OwnRedis {
  private child: ChildProcess | null = null;

  private constructor(
    readonly port: number,
    private readonly settings: readonly string[],
  ) {}

  /** `settings` are command-line words, such as `--requirepass secret`; it listens only on the loopback interface. */
  static async start(settings: readonly string[] = []): Promise<OwnRedis> {
    const redis = new OwnRedis(await freePort(0), settings);
    await redis.start();
    return redis;
  }

  /** Without TLS, without user and password. */
  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Resolves when it accepts connections. */
  async start(): Promise<void> {
    const port = this.settings.includes('--tls-port') ? '0' : String(this.port);
    const words = ['--bind', '127.0.0.1', '--port', port, '--save', '', '--appendonly', 'no'];
    const settings = this.settings.map((word) => word.replace('{port}', String(this.port)));
    const child = spawn('redis-server', [...words, ...settings], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child = child;
    let output = '';
    for await (const chunk of child.stdout) {
      output += String(chunk);
      if (output.includes('Ready to accept connections')) break;
    }
    if (!output.includes('Ready')) throw new Error(`redis-server did not start: ${output}`);
    child.stdout.resume();
  }

  /** A regular stop by an operator. */
  stop(): Promise<void> {
    return this.end('SIGTERM');
  }

  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** It keeps its connections but answers nothing until it is thawed. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    this.child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    child.kill('SIGCONT');
    await exited;
  }
}
