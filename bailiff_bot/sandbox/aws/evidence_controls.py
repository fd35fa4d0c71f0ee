"""What tests and the page set on what the sandbox's AWS says of costs and usage."""

from bailiff_bot.sandbox.aws.pricing.service import PriceList


class EvidenceControls:
    """Changes what the Price List says."""

    _price_list: PriceList

    def expire_price_list_pages(self) -> None:
        """Let every token of a page of GetProducts expire that was given so far."""
        self._price_list.expire_pages()
