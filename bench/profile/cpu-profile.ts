/** The start of a function in the executed file; lines and columns count from 0. */
export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** The parts of a V8 CPU profile that are used here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** A function in its source: a file of the project, `node_modules/…` or `node:…`, and the line from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** The time in one function, without its callees. */
export interface FunctionTime {
  readonly name: string;
  /** `file:line`; empty for functions of the engine. */
  readonly place: string;
  readonly phase: string;
  readonly microseconds: number;
}

export interface ProfileReader {
  /** Null for functions of the engine, which have no file. */
  placeOf(frame: CallFrame): Place | null;
  /** Null when a function works for its caller and counts in the caller's phase. */
  phaseOf(name: string, place: Place | null): string | null;
}

/** The phase of functions without a caller in a known phase. */
export const unknownPhase = 'Node itself: event loop, sockets, promises';
const idle = '(idle)';

/** Own times by function and phase, largest first; idle time is left out. */
export function selfTimes(profile: CpuProfile, reader: ProfileReader): FunctionTime[] {
  const own = ownTimes(profile);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const sums = new Map<string, FunctionTime>();
  const open = profile.nodes.slice(0, 1).map(({ id }) => ({ id, around: unknownPhase }));
  for (let next = open.pop(); next; next = open.pop()) {
    const node = nodes.get(next.id);
    if (!node || node.callFrame.functionName === idle) continue;
    const place = reader.placeOf(node.callFrame);
    const name = node.callFrame.functionName || '(anonymous)';
    const phase = reader.phaseOf(name, place) ?? next.around;
    add(sums, { name, place: textOf(place), phase, microseconds: own.get(node.id) ?? 0 });
    for (const child of node.children ?? []) open.push({ id: child, around: phase });
  }
  return [...sums.values()]
    .filter(({ microseconds }) => microseconds > 0)
    .sort((a, b) => b.microseconds - a.microseconds);
}

function ownTimes({ samples, timeDeltas }: CpuProfile): Map<number, number> {
  const own = new Map<number, number>();
  samples.forEach((node, i) => {
    own.set(node, (own.get(node) ?? 0) + (timeDeltas[i] ?? 0));
  });
  return own;
}

const textOf = (place: Place | null): string => (place ? `${place.file}:${place.line}` : '');

function add(sums: Map<string, FunctionTime>, time: FunctionTime): void {
  const key = `${time.name} ${time.place} ${time.phase}`;
  const before = sums.get(key)?.microseconds ?? 0;
  sums.set(key, { ...time, microseconds: before + time.microseconds });
}

/** Own times by phase, largest first. */
export function byPhase(times: readonly FunctionTime[]): (readonly [string, number])[] {
  const sums = new Map<string, number>();
  for (const { phase, microseconds } of times) {
    sums.set(phase, (sums.get(phase) ?? 0) + microseconds);
  }
  return [...sums].sort(([, a], [, b]) => b - a);
}
