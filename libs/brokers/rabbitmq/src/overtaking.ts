/** How long, and for how many keys, a publisher remembers that a task of a key went the ordinary way. */
const kept = { ms: 600_000, keys: 10_000 };

/**
 * Decides whether an urgent task may take the way past the others. It may not when an ordinary one of its key was
 * sent lately: that one may still wait, and a key never overtakes itself.
 */
export class Overtaking {
  private readonly ordinary = new Map<string, number>();

  mayOvertake(key: string, urgent: boolean, now: number): boolean {
    const last = this.ordinary.get(key);
    const free = urgent && (last === undefined || now - last > kept.ms);
    if (!free) this.remember(key, now);
    return free;
  }

  private remember(key: string, now: number): void {
    this.ordinary.delete(key);
    this.ordinary.set(key, now);
    if (this.ordinary.size <= kept.keys) return;
    const oldest = this.ordinary.keys().next().value;
    if (oldest !== undefined) this.ordinary.delete(oldest);
  }
}
