import { Injectable } from '@nestjs/common';
import { type Job, type NewJob, WorksOn } from '@waybill/work-queue';
import { RecommendationRepository } from '../storage/recommendation.repository.ts';

const queue = 'recommendations';

/** Computing the lists of products anew: one job per product, however many purchases change it. */
export const recommendationJobs = (skus: readonly string[]): NewJob[] =>
  skus.map((sku) => ({ queue, key: sku, priority: 'low' }));

/** Computes recommendations. */
@Injectable()
export class RecommendationsWorker {
  constructor(private readonly recommendations: RecommendationRepository) {}

  @WorksOn(queue)
  async recompute({ key, complete }: Job): Promise<void> {
    await complete((manager) => this.recommendations.recompute(manager, key));
  }
}
