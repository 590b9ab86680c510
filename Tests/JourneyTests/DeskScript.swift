import JSON

/// What staff do with a browser: sign in, open a case in a queue, fill in one of its forms, send it, and stand in the same queue again.
/// Arguments: folder of the checking tools, address of the gateway, folder for pictures, the steps as JSON.
enum DeskScript {
    /// One form of one case.
    struct Step: JSONObjectEncodable {
        let token: String
        let base: String
        let ticket: String
        let queue: String
        let code: String
        let answers: [(name: String, value: String)]
        var isPhone = false

        func write(members o: inout JSONObjectWriter) {
            o.member("token", token)
            o.member("path", "\(base)/\(ticket)")
            o.member("queue", queue)
            o.member("code", code)
            o.member("answers") { json in
                json.array { list in
                    for (name, value) in answers {
                        list.object {
                            $0.member("name", name)
                            $0.member("value", value)
                        }
                    }
                }
            }
            o.member("isPhone", isPhone)
        }
    }

    static let text = #"""
        import assert from 'node:assert/strict';
        const [checks, site, shots, plan] = process.argv.slice(2);
        const { chromium } = await import(checks + '/node_modules/playwright-core/index.mjs');
        const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
        const pages = {}, problems = [];
        async function signIn({ token, isPhone }) {
          const viewport = isPhone ? { width: 360, height: 640 } : { width: 1366, height: 768 };
          const page = await (await browser.newContext({ viewport, locale: 'zh-CN' })).newPage();
          page.on('console', m => { if (m.type() === 'error') problems.push(m.text()); });
          page.on('pageerror', e => problems.push(String(e)));
          await page.goto(site + '/sign-in');
          await page.fill('input[name=token]', token);
          await page.click('main button[type=submit]');
          await page.waitForURL(/\/(street|community)$/);
          return page;
        }
        async function fill(form, name, value) {
          const control = form.locator(`[name=${name}]`).first();
          const tag = await control.evaluate(node => node.tagName + ':' + node.type);
          if (tag.startsWith('SELECT')) return control.selectOption(value);
          if (/radio|checkbox/.test(tag)) return form.locator(`[name=${name}][value="${value}"]`).check({ force: true });
          return control.fill(value);
        }
        try {
          let number = 0;
          for (const step of JSON.parse(plan)) {
            const page = pages[step.token + step.isPhone] ??= await signIn(step);
            const form = page.locator(`details form[action="${step.path}/${step.code}"]`);
            const deadline = Date.now() + 30000;
            do { await page.goto(`${site}${step.path}?queue=${step.queue}`); } while (await form.count() === 0 && Date.now() < deadline);
            assert.equal(await form.count(), 1, `${step.path} offers ${step.code}`);
            const first = await page.locator('.suggest button, .actions summary').first().boundingBox();
            assert.ok(first.y + first.height <= page.viewportSize().height, `the first action is above the fold, not at ${first.y}`);
            assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'scrolls sideways: ' + page.url());
            const picture = `desk-${++number}-${step.code}`;
            await page.screenshot({ path: `${shots}/${picture}.png` });
            const fold = form.locator('xpath=ancestor::details[1]');
            if (!await fold.evaluate(node => node.open)) await fold.locator('summary').click();
            for (const { name, value } of step.answers) await fill(form, name, value);
            await form.locator('button[type=submit]').click();
            await page.waitForURL(url => url.searchParams.get('done') === step.code && url.searchParams.get('queue') === step.queue);
            assert.match(await page.locator('[role=status]').first().innerText(), /已完成/);
            await page.screenshot({ path: `${shots}/${picture}-done.png`, fullPage: true });
          }
          assert.deepEqual(problems, []);
        } finally { await browser.close(); }
        """#
}
