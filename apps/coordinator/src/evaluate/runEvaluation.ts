import { Worker } from 'node:worker_threads';
import type { EvaluationJob, EvaluationMessage, EvaluationReport } from './evaluationMessages.ts';

const SCRIPT = new URL('./evaluation.worker.mjs', import.meta.url);

/** Why there is no report; the message is a sentence for a person. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
}

/** Measures in a thread of its own, which ends with it. Rejects with EvaluationError. */
export function runEvaluation(
  job: EvaluationJob,
  onProgress: (sentence: string) => void,
): Promise<EvaluationReport> {
  const worker = new Worker(SCRIPT, { workerData: job });
  const failed = (sentence: string) => new EvaluationError(sentence);
  const measured = new Promise<EvaluationReport>((resolve, reject) => {
    worker.on('message', (message: EvaluationMessage) => {
      if (message.type === 'progress') onProgress(message.sentence);
      else if (message.type === 'report') resolve(message.report);
      else reject(failed(message.sentence));
    });
    worker.on('error', (error) => reject(failed(`The evaluation thread crashed: ${error.message}.`)));
    worker.on('exit', (code) => reject(failed(`The evaluation thread ended with code ${code}.`)));
  });
  return measured.finally(() => worker.terminate());
}
