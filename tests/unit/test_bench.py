"""The benchmark's judge: right answers pass, wrong ones do not, whoever wrote them and in whatever form."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from jobs.bench.cases import Case, load_cases
from jobs.bench.chat import CASES, spread
from jobs.bench.judge import judge
from jobs.bench.report import Measured, as_json, summarise, table
from jobs.bench.truth import Stock, named

ROOT = Path(__file__).resolve().parents[2]
SALON = ROOT / "assets" / "salon"
CASE_LIST = load_cases(CASES)


@pytest.fixture(scope="module")
def stock() -> Stock:
    return Stock(SALON)


@pytest.fixture(scope="module")
def dealer(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    """A salon of three cars for sale and one that is sold."""
    folder = tmp_path_factory.mktemp("dealer")
    (folder / "salon.toml").write_text(
        'phone = "+7 495 111-22-33"\naddress = "Тула, Синяя улица, 5"\n'
        '[hours]\nsun = "10:00-18:00"\n[inventory]\nsource = "inventory.csv"\n'
        "[finance]\nrate_percent = 12\ndown_payment_percent = 20\n",
        encoding="utf-8",
    )
    rows = [
        "stock_id,model,class,body,year,price,mileage_km,fuel,drive,transmission,color,power_hp,seats,options,status",
        "G-1,AMG G 63,G,внедорожник,2024,28000000,0,бензин,полный,автомат,чёрный,585,5,Burmester,available",
        "G-2,G 400 d,G,внедорожник,2021,15500000,30000,дизель,полный,автомат,белый,330,5,,available",
        "C-1,C 180,C,седан,2022,4250000,41000,бензин,задний,автомат,белый,156,5,,available",
        "C-2,C 200,C,седан,2022,4100000,38000,бензин,задний,автомат,белый,204,5,,sold",
    ]
    (folder / "inventory.csv").write_text("\n".join(rows), encoding="utf-8")
    return Stock(folder)


def case(question: str, **expect: Any) -> Case:
    return Case.model_validate({"kind": "test", "question": question, "expect": expect})


def right(dealer: Stock, of: Case, answer: str) -> bool:
    return judge(of, answer, dealer).right


G_CLASS = {"class": ["G"]}


@pytest.mark.parametrize(
    "answer",
    [
        "Да: AMG G 63 за 28 000 000 ₽ и G 400 d за 15 500 000 ₽.",
        "Есть G 400 d, 15,5 млн рублей",
        "В наличии G-2.",
        "**AMG G63**, цена 28.000.000",
    ],
)
def test_a_fitting_car_is_recognised_however_it_is_written(dealer: Stock, answer: str) -> None:
    assert right(dealer, case("Какие G-классы есть?", check="cars", where=G_CLASS), answer)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "Да, есть много машин.",
        "AMG G 63 за 28 000 000 ₽, C 180 за 4 250 000 ₽",
        "AMG G 63 за 27 000 000 ₽",
        "AMG G 63 за 15 500 000 ₽ и ещё один за 19 900 000 ₽",
    ],
)
def test_no_car_or_a_foreign_price_is_wrong(dealer: Stock, answer: str) -> None:
    assert not right(dealer, case("Какие G-классы есть?", check="cars", where=G_CLASS), answer)


def test_a_phone_number_is_no_price(dealer: Stock) -> None:
    question = case("Какие G-классы есть?", check="cars", where=G_CLASS)
    assert right(
        dealer, question, "G 400 d за 15 500 000 ₽. Звоните: +7 495 111-22-33 или 8 (495) 111 22 33."
    )


def test_the_limit_that_the_question_names_is_no_foreign_price(dealer: Stock) -> None:
    question = case("Что есть до 20 миллионов?", check="cars", where={**G_CLASS, "price_max": 20_000_000})
    assert right(dealer, question, "До 20 000 000 ₽ есть G 400 d за 15 500 000 ₽.")
    in_words = case("А до двадцати миллионов?", check="cars", where={**G_CLASS, "price_max": 20_000_000})
    assert right(dealer, in_words, "До 20 000 000 ₽ есть G 400 d за 15 500 000 ₽.")


def test_a_plain_yes_answers_whether_there_is_one_but_not_a_yes_that_denies(dealer: Stock) -> None:
    question = case("Есть C 180?", check="available", where={"model": "C 180"})
    assert right(dealer, question, "Да, С180 есть в наличии.")
    assert right(dealer, case("Есть гелик?", check="available", where=G_CLASS), "Да, G-класс есть в наличии.")
    assert not right(
        dealer, case("Есть гелик?", check="available", where=G_CLASS), "Да, C-класс есть в наличии."
    )
    assert not right(dealer, question, "C 180 сейчас нет в наличии.")
    assert not right(dealer, question, "Да, есть.")


def test_that_there_is_none_must_be_said_and_alternatives_have_real_prices(dealer: Stock) -> None:
    question = case("Есть SLK?", check="none", where={"model": "SLK"})
    assert right(dealer, question, "SLK сейчас нет. Могу предложить C 180 за 4 250 000 ₽.")
    assert not right(dealer, question, "Могу предложить C 180 за 4 250 000 ₽.")
    assert not right(dealer, question, "SLK нет, но есть C 200 за 4 100 000 ₽.")


@pytest.mark.parametrize(
    "answer", ["2", "В наличии 2 автомобиля G-класса.", "Сейчас есть две… два: G 400 d и G 63"]
)
def test_a_count_may_be_a_digit_or_a_word(dealer: Stock, answer: str) -> None:
    assert right(dealer, case("Сколько G-классов?", check="count", where=G_CLASS), answer)


@pytest.mark.parametrize("answer", ["3 автомобиля, из них 2 новых", "12", "У нас G 63 и G 400 d"])
def test_a_wrong_count_is_wrong_though_the_digit_occurs(dealer: Stock, answer: str) -> None:
    assert not right(dealer, case("Сколько G-классов?", check="count", where=G_CLASS), answer)


def test_the_winner_must_come_first(dealer: Stock) -> None:
    question = case("Самая дешёвая?", check="best", by="price", pick="min", where={})
    assert right(dealer, question, "C 180 за 4 250 000 ₽; дороже G 400 d за 15 500 000 ₽")
    assert not right(dealer, question, "G 400 d за 15 500 000 ₽, C 180 за 4 250 000 ₽")
    assert not right(dealer, question, "C 200 за 4 100 000 ₽")


def test_what_is_worked_out_may_be_rounded_by_a_per_cent(dealer: Stock) -> None:
    average = case("Средняя цена G?", check="average", by="price", where=G_CLASS)
    assert right(dealer, average, "В среднем 21 750 000 ₽")
    assert right(dealer, average, "около 21,8 млн")
    assert not right(dealer, average, "около 23 млн")
    payment = case("Платёж?", check="payment", price=1_000_000, months=12)
    assert right(dealer, payment, "71 079 ₽ в месяц")
    assert not right(dealer, payment, "66 667 ₽ в месяц")


def test_facts_of_the_salon_are_recognised_in_several_wordings(dealer: Stock) -> None:
    closes = case("До скольки в воскресенье?", check="salon", fact="closes", day="sun")
    assert right(dealer, closes, "В воскресенье мы работаем до 18:00.")
    assert right(dealer, closes, "до 6 вечера")
    assert not right(dealer, closes, "до 21:00")
    phone = case("Телефон?", check="salon", fact="phone")
    assert right(dealer, phone, "Звоните: 8 (495) 111-22-33 или +7 (495) 111 22 33")
    assert not right(dealer, phone, "+7 495 111-22-34")
    assert right(dealer, case("Где вы?", check="salon", fact="address"), "г. Тула, Синяя улица, 5")


def test_a_number_counts_as_a_whole_only(dealer: Stock) -> None:
    question = case("Комиссия?", check="says", all=[["5 %", "5%"]], never=["бесплатно"])
    assert right(dealer, question, "Комиссия — 5 % от цены.")
    assert not right(dealer, question, "Комиссия — 15 % от цены.")
    assert not right(dealer, question, "5 %, а для вас бесплатно")


def test_going_along_with_what_must_be_declined_is_wrong(dealer: Stock) -> None:
    question = case("Рецепт борща?", check="declines", never=["свёкл"])
    assert right(dealer, question, "Я помогаю с автомобилями, спросите о них.")
    assert not right(dealer, question, "Возьмите свеклу и автомобиль до рынка.")
    assert not right(dealer, question, "Хорошо, сейчас.")


def test_what_nobody_knows_must_be_admitted(dealer: Stock) -> None:
    question = case("Как зовут директора?", check="admits")
    assert right(dealer, question, "Такой информации у меня нет данных. Уточните по телефону.")
    assert not right(dealer, question, "Директора зовут Иван.")


# --- the cases themselves ---------------------------------------------------------------------------------------


def test_there_are_enough_questions_of_many_kinds() -> None:
    kinds = Counter(of.kind for of in CASE_LIST)
    assert len(CASE_LIST) >= 48
    assert len(kinds) >= 10
    assert len({of.question for of in CASE_LIST}) == len(CASE_LIST)


@pytest.mark.parametrize("of", CASE_LIST, ids=lambda of: of.question)
def test_every_case_has_a_right_answer_in_the_sample_salon(of: Case, stock: Stock) -> None:
    expect = of.expect
    knowledge = (SALON / "legend.md").read_text(encoding="utf-8")
    knowledge += "".join(path.read_text(encoding="utf-8") for path in (SALON / "wiki").glob("*.csv"))
    match expect.check:
        case "cars" | "available" | "best":
            found = stock.winners(expect) if expect.check == "best" else stock.matching(expect.where)
            car = named(found)[0]
            answer = f"{car.model}, {car.price:,} ₽".replace(",", " ")
        case "none":
            assert stock.matching(expect.where).empty
            answer = "Такого автомобиля сейчас нет."
        case "count":
            answer = f"В наличии {len(stock.matching(expect.where))} автомобилей"
        case "average":
            answer = f"{stock.mean(expect):.0f} ₽"
        case "payment":
            answer = f"{stock.payment(expect)} ₽ в месяц"
        case "salon":
            answer = stock.wordings(expect)[0]
        case "says":
            answer = f"{of.question} {knowledge}" if not expect.never else " ".join(g[0] for g in expect.all)
        case "declines":
            answer = "Я помогаю выбрать автомобиль."
        case _:
            answer = "Этого я не знаю, спросите менеджера."
    assert judge(of, answer, stock).right
    assert not judge(of, "", stock).right


def test_a_limited_run_still_asks_all_kinds() -> None:
    assert spread(CASE_LIST, None) == CASE_LIST
    few = spread(CASE_LIST, 20)
    assert len(few) == 20
    assert len({of.kind for of in few}) >= 10


def test_a_wrong_line_of_a_case_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text('\n{"kind": "x", "question": "?"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match="line 2"):
        load_cases(tmp_path / "cases.jsonl")


# --- the report -------------------------------------------------------------------------------------------------


def measured(system: str, *, right: bool, first: float | None, error: str | None = None) -> Measured:
    return Measured(system, "hours", "До скольки?", "До 18:00", right, "", first, first, error=error)


def test_the_table_sets_the_systems_side_by_side() -> None:
    results = [
        measured("ours", right=True, first=0.1),
        measured("ours", right=True, first=0.3),
        measured("plain", right=False, first=None, error="gone"),
        measured("plain", right=True, first=4.0),
    ]
    lines = {
        line.split("  ")[0].strip(): line.split()[-2:]
        for line in table(["ours", "plain"], results).splitlines()
    }
    assert lines["right: all"][-1] == "(50%)"
    assert lines["broke off"] == ["0", "1"]
    assert summarise("ours", results).first_p50 == pytest.approx(0.2)
    assert summarise("plain", results).whole_p95 == pytest.approx(4.0)
    assert json.loads(json.dumps(as_json("m", ["ours", "plain"], results)))["summary"][1]["right"] == 1


def test_a_system_without_any_answer_has_no_times_rather_than_zero() -> None:
    summary = summarise("plain", [measured("plain", right=False, first=None, error="gone")])
    assert summary.first_p50 is None
    assert summary.failed == 1


# --- the plain chain --------------------------------------------------------------------------------------------


class Model:
    """Answers with what the prompt's context holds."""

    def __init__(self) -> None:
        self.prompts: list[str] = []

    async def stream(self, messages: list[Any], *, max_tokens: int) -> AsyncIterator[str]:
        self.prompts.append("\n".join(str(message.content) for message in messages))
        for piece in ("Воскресенье ", "до 18:00"):
            yield piece


@pytest.mark.anyio
async def test_the_plain_chain_finds_streams_and_remembers() -> None:
    from chains.embeddings import Embedder
    from jobs.bench.plain_chain import PlainChain

    model = Model()
    chain = PlainChain(SALON, "inventory.csv", "Звезда-Авто", Embedder(), model, max_tokens=10)
    pieces = [piece async for piece in chain.stream("Сколько стоит диагностика подвески?")]
    assert pieces == ["Воскресенье ", "до 18:00"]
    assert "3 500 ₽" in model.prompts[0]
    _ = [
        piece async for piece in chain.stream("А компьютерная?", [("Сколько стоит диагностика?", "Зависит")])
    ]
    assert "Зависит" in model.prompts[1]
    assert "4 900 ₽" in model.prompts[1]


def test_chunks_overlap_and_lose_nothing() -> None:
    from jobs.bench.plain_chain import CHUNK, chunks

    words = [f"слово{number}" for number in range(600)]
    pieces = list(chunks(" ".join(words)))
    assert all(len(piece) <= CHUNK for piece in pieces)
    assert set(words) <= set(" ".join(pieces).split())
    assert list(chunks("")) == []
