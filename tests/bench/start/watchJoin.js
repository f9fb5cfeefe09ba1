// Runs inside the volunteer page, before its own scripts: notes when Join is pressed and what the page shows when.
{
  let pressed;
  let trainingMs;
  window.joinTimes = new Promise((resolve) => {
    addEventListener('submit', () => (pressed ??= performance.now()), { capture: true });
    const observer = new MutationObserver(() => {
      if (pressed === undefined) return;
      const sinceMs = performance.now() - pressed;
      if (document.querySelector('[data-phase=training]') !== null) trainingMs ??= sinceMs;
      const note = document.querySelector('.step.current .note')?.textContent ?? '';
      if (!/^step [1-9]/.test(note) || trainingMs === undefined) return;
      observer.disconnect();
      resolve({ trainingMs, firstStepMs: sinceMs });
    });
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  });
}
