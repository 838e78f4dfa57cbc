import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A span as it was exported. */
export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly kind: (typeof kinds)[number];
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The span ids of its links. */
  readonly links: readonly string[];
  readonly isFailed: boolean;
}

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

interface WireAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface WireSpan extends Pick<ReceivedSpan, 'name' | 'traceId' | 'spanId'> {
  readonly kind: number;
  readonly parentSpanId?: string;
  readonly attributes?: readonly WireAttribute[];
  readonly links?: readonly { readonly spanId: string }[];
  readonly status?: { readonly code?: number };
}

interface WireBody {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly WireAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

/** An OTLP receiver for traces, as a test needs it: keeps every span. */
export class SpanReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** The status of its answers. */
  status = 200;
  private readonly server: Server;

  constructor() {
    this.server = createServer(async (request, response) => {
      if (request.method !== 'POST') return response.writeHead(405).end();
      const body = (await json(request)) as WireBody;
      if (this.status === 200) this.spans.push(...body.resourceSpans.flatMap(spansOf));
      response.writeHead(this.status, { 'content-type': 'application/json' }).end('{}');
    });
  }

  /** Listens on a free port, or on this one; resolves with the value of `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  listen(port = 0): Promise<string> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject).listen(port, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
      });
    });
  }

  /** The spans of a trace. */
  of(traceId: string): readonly ReceivedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

function spansOf({ resource, scopeSpans }: WireBody['resourceSpans'][number]): ReceivedSpan[] {
  const service = String(valuesOf(resource.attributes)['service.name']);
  return scopeSpans
    .flatMap(({ spans }) => spans)
    .map(({ name, kind, traceId, spanId, parentSpanId = '', links = [], ...span }) => ({
      service,
      name,
      kind: kinds[kind] ?? 'unspecified',
      traceId,
      spanId,
      parentSpanId,
      attributes: valuesOf(span.attributes ?? []),
      links: links.map((link) => link.spanId),
      isFailed: span.status?.code === 2,
    }));
}

const valuesOf = (attributes: readonly WireAttribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
