// Preloaded into the volunteers that a coordinator starts: a coordinator killed outright cannot stop them, so they
// end when the channel to it closes. It must not keep a volunteer alive that has nothing left to do.
process.once('disconnect', () => process.exit(0));
process.channel?.unref();
