/// What a thumb does. Arguments: folder of the checking tools, act, address of the gateway, plate or path, folder for pictures.
enum PhoneScript {
    static let text = #"""
        import assert from 'node:assert/strict';
        const [checks, act, site, what, shots] = process.argv.slice(2);
        const { chromium } = await import(checks + '/node_modules/playwright-core/index.mjs');
        const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
        const problems = [];
        try {
          const context = await browser.newContext({ viewport: { width: 360, height: 640 }, deviceScaleFactor: 2, locale: 'zh-CN', hasTouch: true });
          const page = await context.newPage();
          page.on('console', m => { if (m.type() === 'error') problems.push(m.text()); });
          page.on('pageerror', e => problems.push(String(e)));
          const shot = name => page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
          const noSideways = async () => assert.ok(
            await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'scrolls sideways: ' + page.url());
          if (act === 'report') {
            const large = await browser.newPage({ viewport: { width: 1600, height: 1200 } });
            await large.setContent('<body style="background:#123;color:#fe8;font-size:9em">lamp</body>');
            const photo = { name: 'IMG_0001.png', mimeType: 'image/png', buffer: await large.screenshot() };
            await page.goto(`${site}/q/${what}`);
            await noSideways();
            await shot('1-plate');
            await page.setInputFiles('#photo', photo);
            await page.waitForSelector('.previews canvas');
            await page.tap('text=其他');
            await page.tap('.send button');
            await page.waitForURL(/\/s\/.*new=1/);
            await noSideways();
            await shot('2-result');
            const address = new URL(page.url());
            await page.tap('a.button.primary');
            await page.waitForURL(url => !url.search.includes('new'));
            await noSideways();
            await shot('3-status');
            assert.ok(await page.locator('.photos img, img').first().evaluate(image => image.complete && image.naturalWidth > 0), 'the photo is shown');
            console.log(address.pathname);
          } else if (act === 'evaluate') {
            await page.goto(site + what);
            await noSideways();
            await shot('4-closed');
            await page.tap('a[href^="/e/"]');
            await page.waitForURL(/\/e\//);
            await noSideways();
            for (const [name, value] of [['contacted', 'yes'], ['solved', 'yes'], ['satisfied', 'very']]) {
              await page.locator(`input[name=${name}][value=${value}]`).check({ force: true });
            }
            await shot('5-evaluation');
            await page.tap('button[type=submit]');
            await page.waitForSelector('.done-head');
            await noSideways();
            await shot('6-thanks');
          } else {
            await page.goto(site + what);
            await noSideways();
            await shot('7-evaluated');
          }
          assert.deepEqual(problems, []);
        } finally { await browser.close(); }
        """#
}
