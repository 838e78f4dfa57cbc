import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import { Refusal } from '../refusal.ts';
import { type StatusName, statusCodes, statusName } from '../status.ts';

/** Who may call, for how long, and how many calls run at once. */
export interface GateOptions {
  /** Resolves for a valid service token; rejects for any other. */
  readonly verify: (token: string) => Promise<unknown>;
  /** The longest deadline of a unary call, in milliseconds; default 30,000. */
  readonly longestCall?: number;
  /** The longest deadline of a stream, in milliseconds; default one hour. */
  readonly longestStream?: number;
  /** Maximum concurrent calls; default 1,000. Calls that need no token have a separate limit of a tenth of it. */
  readonly mostCalls?: number;
  /** Called for each call that has ended, with its path, its status, and its duration in milliseconds. */
  readonly onEnd?: (path: string, status: StatusName, milliseconds: number) => void;
}

const longestText = 1_000;
const openTo = ['/grpc.health.v1.Health/', '/grpc.reflection.v1'];
const ours = new Set<number>([statusCodes.UNKNOWN, statusCodes.DATA_LOSS]);

type Told = Parameters<ServerInterceptingCallInterface['sendStatus']>[0];

/** A call from its admission to its end. */
interface CallInHand {
  readonly path: string;
  /** It ends only when its caller cancels or its deadline passes. */
  readonly streams: boolean;
  /** It needs no token. */
  readonly open: boolean;
  readonly startedAt: number;
  readonly call: ServerInterceptingCallInterface;
  /** The status sent to its caller, once sent. */
  told: StatusName | null;
}

/**
 * Runs before every method and before the request is read. Requires a service token, a deadline that is not too far away, and a
 * free slot. Health and reflection need neither token nor deadline.
 */
export class CallGate {
  private readonly inHand = new Set<CallInHand>();
  private closed: Refusal | null = null;

  constructor(private readonly options: GateOptions) {}

  /** Pass it in the options of the server. */
  readonly interceptor: ServerInterceptor = (method, call) => {
    const inHand: CallInHand = {
      path: method.path,
      streams: method.responseStream || method.requestStream,
      open: openTo.some((prefix) => method.path.startsWith(prefix)),
      startedAt: performance.now(),
      call,
      told: null,
    };
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, enter) => void this.decide(inHand, metadata, enter),
          // Fires at the end of every call, whatever ended it.
          onCancel: () => this.ended(inHand),
        }),
      sendStatus: (status, next) => {
        const clean = cleaned(status);
        inHand.told = statusName(clean.code ?? statusCodes.UNKNOWN);
        next(clean);
      },
    });
  };

  /** From now on every new call gets UNAVAILABLE; calls in progress continue. */
  close(why: string): void {
    this.closed = new Refusal('UNAVAILABLE', why);
  }

  /** Ends the streams in progress with UNAVAILABLE, so that their callers reconnect elsewhere. */
  endStreams(why: string): void {
    for (const each of this.inHand) {
      if (each.streams) tell(each, new Refusal('UNAVAILABLE', why));
    }
  }

  private async decide(
    inHand: CallInHand,
    metadata: Metadata,
    enter: (metadata: Metadata) => void,
  ): Promise<void> {
    const { call, open, streams } = inHand;
    const refused = this.closed ?? this.fullFor(open);
    this.inHand.add(inHand);
    try {
      if (refused) throw refused;
      if (!open) {
        await this.checkToken(metadata);
        this.checkDeadline(call, streams);
        metadata.remove('authorization');
      }
      enter(metadata);
    } catch (error) {
      tell(inHand, error instanceof Refusal ? error : new Refusal('INTERNAL', internalText));
    }
  }

  private fullFor(open: boolean): Refusal | null {
    const most = this.options.mostCalls ?? 1_000;
    const limit = open ? Math.ceil(most / 10) : most;
    if (this.countOf(open) < limit) return null;
    return new Refusal('RESOURCE_EXHAUSTED', 'too many calls at once; try again');
  }

  private countOf(open: boolean): number {
    let count = 0;
    for (const each of this.inHand) if (each.open === open) count += 1;
    return count;
  }

  private async checkToken(metadata: Metadata): Promise<void> {
    const [header, ...more] = metadata.get('authorization');
    const [, token] = /^Bearer +(\S+)$/i.exec(String(header ?? '')) ?? [];
    if (!token || more.length > 0) {
      throw new Refusal('UNAUTHENTICATED', 'calls need the token of a service, as a bearer');
    }
    await this.options.verify(token).catch((cause: unknown) => {
      const text = 'the token of the service is not valid or has expired';
      throw new Refusal('UNAUTHENTICATED', text, { cause });
    });
  }

  private checkDeadline(call: ServerInterceptingCallInterface, streams: boolean): void {
    const { longestCall = 30_000, longestStream = 3_600_000 } = this.options;
    const deadline = Number(call.getDeadline());
    if (deadline === Number.POSITIVE_INFINITY) {
      throw new Refusal('INVALID_ARGUMENT', 'calls need a deadline');
    }
    const longest = streams ? longestStream : longestCall;
    // One second of tolerance, because the caller's clock started earlier.
    if (deadline - Date.now() <= longest + 1_000) return;
    throw new Refusal('INVALID_ARGUMENT', `the deadline is more than ${longest / 1_000} s away`);
  }

  private ended(inHand: CallInHand): void {
    if (!this.inHand.delete(inHand)) return;
    const { path, call, startedAt } = inHand;
    this.options.onEnd?.(path, inHand.told ?? endOf(call), performance.now() - startedAt);
  }
}

function tell(inHand: CallInHand, { status, message }: Refusal): void {
  inHand.told = status;
  inHand.call.sendStatus({ code: statusCodes[status], details: message });
}

/** The text that callers get for an internal error. */
export const internalText = 'something went wrong here; the log of the service has it';

const endOf = (call: ServerInterceptingCallInterface): StatusName =>
  Number(call.getDeadline()) <= Date.now() ? 'DEADLINE_EXCEEDED' : 'CANCELLED';

/** A lone surrogate in the text would throw while it is sent, where nothing catches the error. */
function cleaned(status: Told): Told {
  if (ours.has(status.code ?? statusCodes.UNKNOWN)) {
    return { ...status, code: statusCodes.INTERNAL, details: internalText };
  }
  return { ...status, details: (status.details ?? '').slice(0, longestText).toWellFormed() };
}
