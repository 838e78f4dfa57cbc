import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'undici';
import type { CpuProfile } from './cpu-profile.ts';

const samplingMicroseconds = 500;
const patience = 5_000;

/** The inspector of a Node process that was started with `--inspect-port`; it costs nothing until it is opened. */
export class Inspector {
  private asked = 0;
  private readonly open = new Map<number, (answer: Answer) => void>();

  private constructor(private readonly socket: WebSocket) {
    socket.addEventListener('message', ({ data }) => {
      const answer = JSON.parse(String(data)) as Answer;
      this.open.get(answer.id)?.(answer);
      this.open.delete(answer.id);
    });
  }

  /** Opens the inspector of the process with SIGUSR1, which Node reserves for it. */
  static async of(pid: number, port: number): Promise<Inspector> {
    process.kill(pid, 'SIGUSR1');
    const socket = new WebSocket(await debuggerUrl(port));
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('error', ({ message }) => reject(new Error(message)));
    });
    return new Inspector(socket);
  }

  async start(): Promise<void> {
    await this.send('Profiler.enable');
    await this.send('Profiler.setSamplingInterval', { interval: samplingMicroseconds });
    await this.send('Profiler.start');
  }

  async stop(): Promise<CpuProfile> {
    const { profile } = (await this.send('Profiler.stop')) as { profile: CpuProfile };
    this.socket.close();
    return profile;
  }

  private send(method: string, params: object = {}): Promise<unknown> {
    this.asked += 1;
    const id = this.asked;
    return new Promise((resolve, reject) => {
      this.open.set(id, ({ result, error }) =>
        error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result),
      );
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

async function debuggerUrl(port: number): Promise<string> {
  for (const late = performance.now() + patience; ; await pause(50)) {
    try {
      const list = await fetch(`http://127.0.0.1:${port}/json/list`);
      const [target] = (await list.json()) as { webSocketDebuggerUrl: string }[];
      if (target) return target.webSocketDebuggerUrl;
    } catch (error) {
      if (performance.now() > late) throw error;
    }
  }
}
