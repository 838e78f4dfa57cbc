import type { Channel } from 'amqplib';
import type { Link } from './link.ts';
import type { Names } from './names.ts';
import type { Voice } from './voice.ts';

/** What a consumer announces to the others of its group. */
interface Sign {
  readonly member: string;
  readonly owns: readonly number[];
  /** Requests an immediate announcement from the others. */
  readonly hello?: boolean;
  readonly bye?: boolean;
}

interface Known {
  readonly owns: readonly number[];
  readonly seenAt: number;
}

/** A member that is silent for this many beats counts as gone. */
const silence = 3;

/** The consumers of one group, which announce themselves over RabbitMQ: at most once, so each repeats it. */
export class Members {
  private readonly known = new Map<string, Known>();
  private channel: Channel | null = null;

  constructor(
    private readonly parts: {
      readonly link: Link;
      readonly voice: Voice;
      readonly names: Names;
      readonly group: string;
      readonly member: string;
      readonly beat: number;
      /** The partitions that this member owns now. */
      readonly owns: () => readonly number[];
      /** A member joined, left, or owns other partitions. */
      readonly changed: () => void;
    },
  ) {}

  /** All members believed alive, including this one. */
  alive(): readonly string[] {
    const oldest = performance.now() - silence * this.parts.beat;
    for (const [member, { seenAt }] of this.known) if (seenAt < oldest) this.known.delete(member);
    return [...this.known.keys(), this.parts.member];
  }

  ownerOf(partition: number): string | null {
    this.alive();
    for (const [member, { owns }] of this.known) if (owns.includes(partition)) return member;
    return null;
  }

  /** When a member was last heard from (`performance.now()`), or 0. */
  seenAt(member: string): number {
    return this.known.get(member)?.seenAt ?? 0;
  }

  /** The member does not act as if it were alive; it counts again after its next announcement. */
  suspect(member: string): void {
    this.known.delete(member);
  }

  /** Safe to call again; rejoins when the channel is closed. */
  async join(): Promise<void> {
    if (this.channel) return;
    const channel = await this.parts.link.channel();
    channel.on('close', () => {
      if (this.channel === channel) this.channel = null;
    });
    const { queue } = await channel.assertQueue(this.parts.names.own('member'), {
      exclusive: true,
      durable: false,
      autoDelete: true,
    });
    await channel.bindQueue(queue, this.parts.names.members, this.parts.group);
    await channel.consume(queue, (message) => message && this.onHeartbeat(message.content), {
      noAck: true,
    });
    this.channel = channel;
    this.tell({ hello: true });
  }

  /** Announces that this member is alive, and what it owns. */
  tell(more: Partial<Sign> = {}): void {
    const sign: Sign = { member: this.parts.member, owns: this.parts.owns(), ...more };
    const { voice, names, group } = this.parts;
    if (this.channel) voice.say(names.members, group, Buffer.from(JSON.stringify(sign)));
  }

  async leave(): Promise<void> {
    this.tell({ bye: true, owns: [] });
    const { channel } = this;
    this.channel = null;
    await channel?.close().catch(() => undefined);
  }

  /** The connection is lost, so the live members must be discovered again. */
  forget(): void {
    this.channel = null;
    this.known.clear();
  }

  private onHeartbeat(content: Buffer): void {
    const sign = signFrom(content);
    if (!sign || sign.member === this.parts.member) return;
    const before = this.known.get(sign.member);
    if (sign.bye) this.known.delete(sign.member);
    else this.known.set(sign.member, { owns: sign.owns, seenAt: performance.now() });
    if (sign.hello) this.tell();
    if (sign.bye || sign.owns.join() !== before?.owns.join()) this.parts.changed();
  }
}

/** Any client that may publish can send anything here, so the content is validated. */
function signFrom(content: Buffer): Sign | null {
  try {
    const { member, owns, hello, bye } = JSON.parse(content.toString()) as Partial<Sign>;
    if (typeof member !== 'string' || !Array.isArray(owns)) return null;
    return {
      member,
      owns: owns.filter(Number.isInteger),
      hello: hello === true,
      bye: bye === true,
    };
  } catch {
    return null;
  }
}
