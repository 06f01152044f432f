const snippet = require("@segment/snippet");

process.stdout.write(snippet.min({ apiKey: process.env.WRITE_KEY, host: process.env.HOST, page: false }));
