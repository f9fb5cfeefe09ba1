type Reply<Answer> = { readonly answer: Answer } | { readonly error: string };

/** Sends one message to a new worker that uses `answerOnce`, and ends it with its answer. */
export function askWorker<Answer>(worker: Worker, message: unknown): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Reply<Answer>>) =>
      'answer' in data ? resolve(data.answer) : reject(new Error(data.error));
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(message);
  }).finally(() => worker.terminate());
}

/** In a worker: answers the message of `askWorker`, or says what went wrong. */
export function answerOnce<Message>(answer: (message: Message) => Promise<unknown>): void {
  addEventListener('message', ({ data }: MessageEvent<Message>) => {
    void answer(data).then(
      (value) => postMessage({ answer: value }),
      (error: unknown) => postMessage({ error: String(error) }),
    );
  });
}
