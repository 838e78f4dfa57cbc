import type { InjectedFaults } from '../handler.ts';

/** A fault of the group `shop`, set by the test: attempts fail always or never, and are held or not. */
export class FaultOfGroup implements InjectedFaults {
  isAnyOn = false;
  private fails = false;
  private holds = false;
  private held: (() => void)[] = [];

  set({ fails = false, holds = false }: { readonly fails?: boolean; readonly holds?: boolean }) {
    this.fails = fails;
    this.holds = holds;
    this.isAnyOn = fails || holds;
    for (const go of this.held.splice(0)) go();
  }

  isOn(group: string): boolean {
    return this.isAnyOn && group === 'shop';
  }

  async pass(group: string): Promise<void> {
    if (!this.isOn(group)) return;
    if (this.holds) await new Promise<void>((go) => this.held.push(go));
    if (this.fails) throw Object.assign(new Error('on purpose'), { code: 'injected_fault' });
  }
}
