"""A dealership of another brand with columns, statuses and a currency of its own, and talks with its assistant."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from chains.reply import Reply
from services import Services

NOON = datetime.fromisoformat("2026-11-23T12:00:00+05:00")

_SALON = """
name = "Пробный салон"
brand = "Toyota"
city = "Алматы"
address = "Пробный проспект, 10"
phone = "+7 700 000-00-00"
email = "salon@test.example"
timezone = "Asia/Almaty"
currency = "KZT"

[hours]
mon = "10:00-19:00"
tue = "10:00-19:00"

[inventory]
source = "cars.csv"
[inventory.columns]
stock_id = "id"
model = "title"
body = "shape"
year = "made"
price = "cena"
mileage_km = "probeg"
fuel = "toplivo"
transmission = "kpp"
drive = "privod"
color = "cvet"
interior = "salon"
engine_l = "obem"
power_hp = "ls"
options = "dop"
status = "sost"
url = "link"
[inventory.values.status]
"на площадке" = "available"
"бронь" = "reserved"
"едет" = "in_transit"
"продана" = "sold"

[finance]
rate_percent = 24
down_payment_percent = 10
months = [12, 24, 60]
"""

_CARS = """\
id;title;shape;made;cena;probeg;toplivo;kpp;privod;cvet;salon;obem;ls;dop;sost;link
T01;Camry 2.5;седан;2023;17 500 000;0;бензин;автомат;передний;белый;чёрная кожа;2.5;200;люк;на площадке;https://test.example/T01
T02;Camry 2.5;седан;2021;14 200 000;62 000;бензин;автомат;передний;чёрный;;2.5;200;"люк;подогрев сидений";на площадке;
T03;Camry 3.5;седан;2020;15 900 000;71000;бензин;автомат;передний;серый;бежевая кожа;3.5;249;люк;на площадке;
T04;Camry Hybrid;седан;2022;18 400 000;25000;гибрид;вариатор;передний;белый;;2.5;;;на площадке;
T05;Corolla 1.6;седан;2022;10 300 000;41000;бензин;вариатор;передний;синий;ткань;1.6;122;;на площадке;
T06;Corolla 1.6;седан;2024;11 900 000;;бензин;вариатор;передний;белый;ткань;1.6;122;;на площадке;
T07;Corolla 1.6;седан;2019;8 700 000;98000;бензин;механика;передний;красный;ткань;1.6;122;;на площадке;
T08;RAV4 2.0;кроссовер;2021;15 600 000;54000;бензин;вариатор;полный;серый;;2.0;149;фаркоп;на площадке;
T09;RAV4 2.5;кроссовер;2023;19 900 000;12000;бензин;автомат;полный;белый;;2.5;199;панорамная крыша;на площадке;
T10;RAV4 2.5;кроссовер;2024;21 500 000;0;бензин;автомат;полный;чёрный;;2.5;199;;едет;
T11;RAV4 2.0;кроссовер;2019;12 800 000;88000;бензин;вариатор;передний;красный;;2.0;149;;на площадке;
T12;Highlander 3.5;внедорожник;2022;29 500 000;33000;бензин;автомат;полный;чёрный;;3.5;249;"7 мест;люк";на площадке;
T13;Highlander 2.5 Hybrid;внедорожник;2023;34 000 000;15000;гибрид;вариатор;полный;белый;;2.5;248;7 мест;на площадке;
T18;Hilux 2.8;пикап;2022;22 000 000;48000;дизель;автомат;полный;серый;;2.8;200;;на площадке;
T19;Hilux 2.4;пикап;2019;16 500 000;110000;дизель;механика;полный;белый;;2.4;150;кунг;на площадке;
T20;Alphard 3.5;минивэн;2021;38 000 000;30000;бензин;автомат;передний;чёрный;;3.5;300;7 мест;на площадке;
T21;Yaris 1.5;хэтчбек;2020;7 900 000;45000;бензин;вариатор;передний;жёлтый;;1.5;;;на площадке;
T23;Supra 3.0;купе;2021;33 000 000;18000;бензин;автомат;задний;красный;;3.0;340;;бронь;
T25;Camry 2.5;седан;2019;12 400 000;99000;бензин;автомат;передний;чёрный;;2.5;;;продана;
"""


def make_car_salon(folder: Path) -> Path:
    """Write the salon folder and give it back."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "salon.toml").write_text(_SALON, encoding="utf-8")
    (folder / "cars.csv").write_text(_CARS, encoding="utf-8")
    (folder / "legend.md").write_text("## Гарантия\n\nГарантия — 6 месяцев.\n", encoding="utf-8")
    return folder


@dataclass
class Talk:
    """One dialog with the assistant."""

    services: Services
    session_id: str

    async def ask(self, message: str) -> Reply:
        return await self.services.assistant.answer(self.session_id, message, at=NOON)

    async def last(self, *messages: str) -> Reply:
        """The reply to the last of several messages."""
        for message in messages[:-1]:
            await self.ask(message)
        return await self.ask(messages[-1])


def begin(services: Services) -> Talk:
    """Open a dialog."""
    dialog = services.dialogs.open(
        kind="api", language="ru", consent=None, address=None, remember=False, visitor=None
    )
    return Talk(services, dialog.session_id)
