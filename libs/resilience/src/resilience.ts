import { Pipeline, type PipelineListener } from './pipeline.ts';
import type { PolicyFor } from './policy.ts';

/** All pipelines of one service to external dependencies, for health and metrics. */
export class Resilience {
  private readonly known = new Map<string, Pipeline>();
  private readonly listeners = new Set<PipelineListener>();

  /** Makes the pipeline of a dependency. Call it once, in the constructor of its client. Policies run outermost first. */
  pipeline(name: string, ...policies: readonly PolicyFor[]): Pipeline {
    if (this.known.has(name)) throw new Error(`there is already a pipeline "${name}"`);
    const made = new Pipeline(name, policies, this.listeners);
    this.known.set(name, made);
    return made;
  }

  /** Every pipeline made so far. */
  pipelines(): readonly Pipeline[] {
    return [...this.known.values()];
  }

  /** Adds a listener to every pipeline, including later ones, until the returned function is called. */
  listen(listener: PipelineListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
