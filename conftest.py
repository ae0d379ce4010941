pytest_plugins = ["pytester", "tests.plugins.no_skips"]
